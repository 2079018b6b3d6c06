/** The words of the import page in both languages. */
export const WORDS = {
  zh: {
    title: '导入数据', back: '返回地图', drop: '把文件拖到这里,或点按选择', kinds: 'XLSX、XLS、CSV、Shapefile (.zip)、GeoPackage、GeoJSON、KML …',
    layer: '导入到', profile: '方案', noProfile: '不用方案', source: '来源', sourceHint: '默认为文件名', place: '坐标', asFile: '按文件所载(表格须声明)',
    degrees: '经纬度(CGCS2000 / WGS84)', gcj02: '经纬度 GCJ-02(高德、腾讯)', bd09: '经纬度 BD-09(百度)', zone: '高斯 3° 带', other: '其他 EPSG 代码…', code: 'EPSG 代码',
    encoding: '文字编码', auto: '自动识别', more: '更多声明', sheet: '工作表', dataDate: '数据日期', dms: '裸数字按度分秒读(115.56.38.4)',
    full: '文件含该来源全部数据(缺少的停用)', check: '检查(不写入)', recheck: '按新的声明重新检查', confirm: '确认导入', cancel: '取消', saveAs: '同时存为方案',
    saveHint: '方案名,可不填', total: '总条数', loaded: '成功', flagged: '存疑', rejected: '失败', retired: '停用', mapping: '列的含义', mappingHelp: '读错的列可以改选,再重新检查',
    column: '列', meaning: '含义', unit: '单位', auto_: '自动', notField: '不是字段(原样保留)', fields: '字段', places: '坐标列', findings: '存疑与失败的原因',
    reason: '原因', rows: '行', sample: '原文', todo: '处理办法', report: '下载修正表 (XLSX)', done: '已导入', checked: '检查完成,尚未写入', waiting: '排队中', running: '正在读取',
    loading: '正在写入', failed: '未导入', cancelled: '已取消,没有写入任何数据', shown: '地图上 {n} 个存疑或失败的点', none: '没有可画的存疑点', ordinal: '序号', extra: '原样保留',
    longitude: '经度', latitude: '纬度', grid_x: '坐标 X', grid_y: '坐标 Y', coordinates: '坐标(一格两值)', division: '行政区划(核对坐标)',
    longitude_minutes: '经度·分', longitude_seconds: '经度·秒', latitude_minutes: '纬度·分', latitude_seconds: '纬度·秒',
    interrupted: '上次中断,第 {n} 次尝试', mends: '这是修正表:沿用原来的声明,只更新这些行', row: '第 {n} 行', onMap: '在地图上看', nowhere: '没有位置', all: '全部原因',
    troubled: '存疑与失败的行', changes: '将要发生的变化', changed: '已发生的变化', kind: '变化', id: '编号', name: '名称', before: '前 → 后', moreRows: '另有 {n} 行,见修正表',
    updated: '更新', restored: '恢复', removed: '删去', noFindings: '没有存疑,也没有失败', switchLang: 'English', theme: '明暗', steps: '选择文件 → 检查 → 看含义与原因 → 确认',
    askPlace: '表格没有写明坐标系:请在左侧“坐标”中选定,再检查', effect: '结果', noted: '说明', refused: '红:失败(候选位置)', doubtful: '黄:存疑',
  },
  en: {
    title: 'Import data', back: 'To the map', drop: 'Drop a file here, or press to choose one', kinds: 'XLSX, XLS, CSV, Shapefile (.zip), GeoPackage, GeoJSON, KML …',
    layer: 'Into', profile: 'Profile', noProfile: 'none', source: 'Source', sourceHint: 'the file’s name', place: 'Coordinates', asFile: 'as the file says (a table must declare)',
    degrees: 'degrees (CGCS2000 / WGS 84)', gcj02: 'degrees GCJ-02 (Amap, Tencent)', bd09: 'degrees BD-09 (Baidu)', zone: 'Gauss 3° zone', other: 'another EPSG code…', code: 'EPSG code',
    encoding: 'Encoding', auto: 'found by itself', more: 'More to declare', sheet: 'Sheet', dataDate: 'Data date', dms: 'bare numbers are deg, min, sec (115.56.38.4)',
    full: 'The whole source: retire what the file lacks', check: 'Check (writes nothing)', recheck: 'Check again as declared now', confirm: 'Import it', cancel: 'Cancel', saveAs: 'And save as a profile',
    saveHint: 'its name; may stay empty', total: 'rows', loaded: 'loaded', flagged: 'flagged', rejected: 'rejected', retired: 'retired', mapping: 'What each column means', mappingHelp: 'A column that was misread can be chosen anew, then check again',
    column: 'column', meaning: 'taken for', unit: 'unit', auto_: 'by itself', notField: 'no field (kept verbatim)', fields: 'fields', places: 'coordinates', findings: 'Why rows are flagged or rejected',
    reason: 'reason', rows: 'rows', sample: 'original', todo: 'what to do', report: 'Workbook to mend (XLSX)', done: 'Imported', checked: 'Checked; nothing is written yet', waiting: 'Waiting', running: 'Reading',
    loading: 'Writing', failed: 'Not imported', cancelled: 'Cancelled; nothing was written', shown: '{n} flagged or rejected points on the map', none: 'no doubtful point to draw', ordinal: 'ordinal', extra: 'kept verbatim',
    longitude: 'longitude', latitude: 'latitude', grid_x: 'coordinate X', grid_y: 'coordinate Y', coordinates: 'coordinates (both in one cell)', division: 'division (checks the place)',
    longitude_minutes: 'longitude, minutes', longitude_seconds: 'longitude, seconds', latitude_minutes: 'latitude, minutes', latitude_seconds: 'latitude, seconds',
    interrupted: 'broken off before; attempt {n}', mends: 'A mended workbook: declared as before; just these rows are taken', row: 'row {n}', onMap: 'show on the map', nowhere: 'no place', all: 'all reasons',
    troubled: 'Flagged and rejected rows', changes: 'What will change', changed: 'What has changed', kind: 'change', id: 'id', name: 'name', before: 'before → after', moreRows: '{n} more rows are in the workbook',
    updated: 'updated', restored: 'restored', removed: 'removed', noFindings: 'Nothing flagged, nothing rejected', switchLang: '中文', theme: 'Light or dark', steps: 'choose a file → check → look at meanings and reasons → import',
    askPlace: 'The table does not say its coordinate system: choose it under “Coordinates”, then check again', effect: 'effect', noted: 'noted', refused: 'red: rejected (what it may mean)', doubtful: 'yellow: flagged',
  },
} as const

export type Word = keyof typeof WORDS.zh
