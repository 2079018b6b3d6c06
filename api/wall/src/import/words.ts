/** The words of the import page in both languages. */
export const WORDS = {
  zh: {
    title: '导入数据', back: '返回地图', drop: '把文件拖到这里,或点按选择', kinds: 'XLSX、XLS、CSV、Shapefile (.zip)、GeoPackage、GeoJSON、KML …',
    layer: '图层', source: '来源', crs: '坐标系', datum: '加密坐标', none: '无', full: '文件含该来源全部数据(缺少的停用)',
    check: '检查(不写入)', confirm: '确认导入', cancel: '取消', again: '换一个文件', total: '总条数', loaded: '成功', flagged: '存疑',
    rejected: '失败', retired: '停用', column: '列', meaning: '含义', unit: '单位', reason: '原因', rows: '行', todo: '处理办法',
    report: '下载修正表 (XLSX)', done: '已导入', checked: '检查完成,尚未写入', waiting: '排队中', running: '正在读取', failed: '未导入',
    cancelled: '已取消', shown: '地图上标出 {n} 个存疑或失败的点', ordinal: '序号', extra: '原样保留', longitude: '经度', latitude: '纬度',
  },
  en: {
    title: 'Import data', back: 'To the map', drop: 'Drop a file here, or press to choose one', kinds: 'XLSX, XLS, CSV, Shapefile (.zip), GeoPackage, GeoJSON, KML …',
    layer: 'Layer', source: 'Source', crs: 'CRS', datum: 'Obfuscated', none: 'no', full: 'The whole source: retire what the file lacks',
    check: 'Check (writes nothing)', confirm: 'Import it', cancel: 'Cancel', again: 'Another file', total: 'rows', loaded: 'loaded', flagged: 'flagged',
    rejected: 'rejected', retired: 'retired', column: 'column', meaning: 'taken for', unit: 'unit', reason: 'reason', rows: 'rows', todo: 'what to do',
    report: 'Workbook to mend (XLSX)', done: 'Imported', checked: 'Checked; nothing is written yet', waiting: 'Waiting', running: 'Reading', failed: 'Not imported',
    cancelled: 'Cancelled', shown: '{n} flagged or rejected points on the map', ordinal: 'ordinal', extra: 'kept verbatim', longitude: 'longitude', latitude: 'latitude',
  },
} as const

export type Word = keyof typeof WORDS.zh
