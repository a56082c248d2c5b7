// SPDX-License-Identifier: Apache-2.0
/*
 * A page that shows what an address of the API answers, for whoever comes with a browser. The
 * address is the fragment of the URL (/hal-browser/browser.html#/pacticipants), which only a script
 * can see. Everything it shows goes in as text; it asks with GET, and this broker only.
 */
#include "broker/routes.h"

#include "broker/html.h"

/* Addresses below the broker's own become links to this page. */
static const char script[] =
    "'use strict';\n"
    "const main = document.getElementById('main'), form = document.getElementById('ask');\n"
    "const base = main.dataset.base, root = new URL('..', location.href).href.replace(/\\/$/, "
    "'');\n"
    "function inner(url) {\n"
    "  for (const start of [base, root])\n"
    "    if (url === start || url.startsWith(start + '/') || url.startsWith(start + '?'))\n"
    "      return url.slice(start.length) || '/';\n"
    "  return url.startsWith('/') ? url : null;\n"
    "}\n"
    "function put(parent, name, text) {\n"
    "  const node = parent.appendChild(document.createElement(name));\n"
    "  if (text !== undefined) node.textContent = text;\n"
    "  return node;\n"
    "}\n"
    "function link(parent, url, text) {\n"
    "  const path = inner(url), node = put(parent, 'a', text);\n"
    "  if (path !== null) node.href = '#' + path;\n"
    "  else if (/^https?:\\/\\//.test(url)) node.href = url;\n"
    "  return node;\n"
    "}\n"
    "function value(parent, data) {\n"
    "  if (data === null || typeof data !== 'object') {\n"
    "    if (typeof data === 'string' && data.startsWith(base + '/') && !data.includes('{'))\n"
    "      link(parent, data, JSON.stringify(data));\n"
    "    else put(parent, 'span', JSON.stringify(data));\n"
    "    return;\n"
    "  }\n"
    "  const list = Array.isArray(data), keys = Object.keys(data);\n"
    "  if (keys.length === 0) { put(parent, 'span', list ? '[]' : '{}'); return; }\n"
    "  const box = put(parent, 'details');\n"
    "  box.open = true;\n"
    "  put(box, 'summary', list ? '[' + keys.length + ']' : '{' + keys.length + '}');\n"
    "  for (const key of keys) {\n"
    "    const row = put(box, 'div');\n"
    "    put(row, 'code', list ? key + ' ' : key + ': ');\n"
    "    value(row, data[key]);\n"
    "  }\n"
    "}\n"
    "function links(parent, all) {\n"
    "  const table = put(parent, 'table');\n"
    "  for (const rel of Object.keys(all)) {\n"
    "    if (rel === 'curies') continue;\n"
    "    for (const one of [].concat(all[rel])) {\n"
    "      const row = put(table, 'tr');\n"
    "      const doc = (all.curies || []).find(c => rel.startsWith(c.name + ':'));\n"
    "      const cell = put(row, 'td');\n"
    "      if (doc) {\n"
    "        const url = doc.href.replace('{rel}', rel.slice(doc.name.length + 1));\n"
    "        const path = inner(url), node = put(cell, 'a', rel);\n"
    "        if (path !== null) node.href = root + path;\n"
    "      } else put(cell, 'span', rel);\n"
    "      put(row, 'td', one.title || one.name || '');\n"
    "      if (one.href && one.href.includes('{')) {\n"
    "        const node = put(put(row, 'td'), 'button', one.href);\n"
    "        node.title = 'fill in the names in braces above';\n"
    "        node.onclick = () => { form.path.value = inner(one.href) || one.href;\n"
    "                               form.path.focus(); };\n"
    "      } else link(put(row, 'td'), one.href || '', one.href || '');\n"
    "    }\n"
    "  }\n"
    "}\n"
    "async function show() {\n"
    "  const path = location.hash.slice(1) || '/';\n"
    "  form.path.value = path;\n"
    "  main.textContent = '';\n"
    "  if (!path.startsWith('/')) { put(main, 'p', 'An address here starts with /.'); return; }\n"
    "  try {\n"
    "    const reply = await fetch(root + path, {headers: {Accept: "
    "'application/hal+json, */*;q=0.1'}});\n"
    "    const text = await reply.text();\n"
    "    if (path !== (location.hash.slice(1) || '/')) return;\n"
    "    put(main, 'p', 'GET ' + path + ' \\u2192 ' + reply.status);\n"
    "    let data;\n"
    "    try { data = JSON.parse(text); } catch { put(main, 'pre', text); return; }\n"
    "    if (data && data._links) { put(main, 'h2', 'Links'); links(main, data._links); }\n"
    "    put(main, 'h2', 'Answer');\n"
    "    const shown = data && data._links ? Object.assign({}, data) : data;\n"
    "    if (data && data._links) delete shown._links;\n"
    "    value(put(main, 'div'), shown);\n"
    "  } catch (problem) { put(main, 'p', 'No answer: ' + problem); }\n"
    "}\n"
    "form.onsubmit = event => { event.preventDefault(); location.hash = form.path.value; };\n"
    "window.onhashchange = show;\n"
    "show();\n";

int browser_get(struct call *call, struct err *err)
{
    (void)err;
    BUF_AUTO struct buf out = BUF_INIT(HTML_MAX);
    html_begin(&out, call, "The API");
    buf_puts(&out, "<style>details{margin-left:1rem}button{font:inherit;overflow-wrap:anywhere;"
                   "text-align:left}input{width:80%}</style>\n"
                   "<form id=\"ask\"><input name=\"path\" aria-label=\"address\"> "
                   "<button>Show</button></form>\n"
                   "<noscript><p>This page needs scripts; a command shows the same: "
                   "<code>curl URL</code></p></noscript>\n");
    html_put(&out, "<div id=\"main\" data-base=\"{}\"></div>\n<script>", call->base);
    buf_puts(&out, script);
    buf_puts(&out, "</script>\n");
    return html_answer(&out, call, 200);
}
