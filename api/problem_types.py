"""What each ``code`` of a problem means, and what to do: the page that a problem's ``type`` leads to."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from layers.text import Text

__all__ = ["MEANINGS", "problem_page"]

MEANINGS: Mapping[str, Text] = {
    "input": Text(
        "发送的参数有误;detail 指出哪一项、应当怎样",
        "what was sent is wrong; detail says which value, and how to mend it",
    ),
    "unknown-layer": Text("没有这个图层;全部图层见 /layers", "no layer of that name; /layers lists all"),
    "coordinate": Text("坐标不是地球上的位置,或不在所声明的坐标系内", "no place on earth, or not in the declared CRS"),
    "crs-unknown": Text("几何没有坐标系,或坐标系不被支持", "a geometry without a CRS, or a CRS that is not known"),
    "bad-rules": Text(
        "规则文件不能使用;用 onemap rules check 检查", "a rule set cannot be used; see onemap rules check"
    ),
    "colour-table": Text("色表不能使用", "a colour table cannot be used"),
    "theme": Text("没有这个主题,或主题文件有误", "no such theme, or a theme's file is wrong"),
    "template": Text(
        "专题图模板不能使用;用 onemap exhibit check 检查",
        "an exhibit's template cannot be used; see onemap exhibit check",
    ),
    "ogc": Text("WMS 或 WMTS 拒绝的请求", "a request that WMS or WMTS refuses"),
    "file-unreadable": Text(
        "文件缺失、损坏、为空或类型不支持", "a file is absent, damaged, empty or of an unknown kind"
    ),
    "file-too-large": Text("文件过大,或读取所需超出上限;请拆分", "a file takes more than the limits allow; split it"),
    "body-too-large": Text("发送的内容过大(ONEMAP_BODY_MAX_MB)", "more was sent than is taken (ONEMAP_BODY_MAX_MB)"),
    "foreign-page": Text(
        "表单来自另一个网站的页面;请从本系统导入,或让代理转发 Host",
        "a page of another site sent the form; import from this service's page, or let the proxy pass Host on",
    ),
    "import-cancelled": Text("导入已取消,没有写入任何数据", "the import was stopped; nothing was written"),
    "exhibit-cancelled": Text("图集已取消", "the atlas was stopped"),
    "not-found": Text("没有这个地址、要素或编号", "no such address, feature or id"),
    "method-not-allowed": Text("该地址不接受这种请求方法;见 /docs", "the address does not take this method; see /docs"),
    "busy": Text(
        "服务达到上限;请按 Retry-After 重试", "a limit of the service is reached; try again after Retry-After"
    ),
    "basemap-unreachable": Text("天地图没有应答,或不接受密钥", "Tianditu did not answer, or refused the key"),
    "importer-lost": Text("导入进程被外部终止,会自动重试", "the importing process was killed; it is tried again"),
    "database-unreachable": Text("连不上数据库,或尚未迁移", "the database cannot be reached, or is not migrated"),
    "cluster": Text("自带的数据库不能启动", "the private database cannot be started"),
    "file-unwritable": Text(
        "服务器上的文件无法写入(权限或空间)", "a file on the server cannot be written: rights or space"
    ),
    "render": Text("地图没有画成;不会以空白图代替", "a map could not be drawn; a blank one is never given instead"),
    "font-missing": Text("服务器缺少中文字体", "the server lacks a font with Chinese"),
    "service": Text("服务进程没有启动或结束", "the service's process did not start or end"),
    "http": Text("请求不合 HTTP 的规矩", "the request is not as HTTP has it"),
    "internal": Text(
        "服务内部错误,已记录;请把请求编号告诉管理员", "an internal error, logged; tell the request id to your admin"
    ),
}
"""By code, for every error of the engine and of the service."""


def problem_page() -> str:
    """Every code with its meaning in both languages, as HTML; a code is the anchor of its entry."""
    entries = (
        f'<dt id="{escape(code)}"><code>{escape(code)}</code></dt>'
        f'<dd>{escape(meaning.zh)}</dd><dd lang="en">{escape(meaning.en)}</dd>'
        for code, meaning in MEANINGS.items()
    )
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>错误代码 · onemap</title></head>'
        f"<body><h1>错误代码 / error codes</h1><dl>{''.join(entries)}</dl></body></html>"
    )
