// Words of the page, in both languages.
const EN = {
    "sign.why": "Plans are redrawn here by those who have a planner's key.", "sign.key": "Your key", "sign.go": "Go on", "sign.wrong": "This key does not open the planner's page.",
    "drafts.title": "Drafts", "drafts.new": "New draft of the plan in force, called", "drafts.begin": "Begin", "drafts.name": "Draft", "drafts.owner": "By", "drafts.stage": "Stage", "drafts.changed": "Last changed", "drafts.open": "Open",
    "stage.open": "open", "stage.submitted": "waits for review", "stage.approved": "approved", "stage.active": "in force", "stage.discarded": "put away", "stage.past": "was in force", "stage.returned": "given back", "sign.out": "Sign out",
    tools: "Tools", more: "More …", "more.download": "Save as a plan file (QGIS)", "more.bring": "Bring an edited plan file …", "more.renew": "Carry over to the plan in force", "more.discard": "Put away", "more.discard.sure": "Put this draft away? What happened to it stays on record.",
    brought: "The file moves {0} pieces of land; {1} cells are new in it, given up, or described otherwise.", "brought.crossed": "Its borders cross {0} pieces: each goes where most of it lies.", "brought.defects": "Its own polygons have defects, which do not come along: {0}.",
    certificate: "Proof of the cover", "certificate.why": "In whole numbers, {0} steps to the metre: the borders of the cells of each level, added up edge by edge, leave nothing over but the rim. No gap, no overlap, at any level.", "certificate.stacked": "Cells that share a ground by floors cover it together: {0} cells stand on {1} grounds.", "certificate.edges": "Edges", "certificate.residue": "Left over",
    "legend.few": "too few households", "legend.many": "too many households", "legend.stacked": "a·b: cells on one ground, by floors", quality: "{0} m² · roundness {1} % · {2} % of its borders along lines", crosses: "{0} m of arterial, railway or river run inside it",
    back: "All drafts", undo: "Undo (Ctrl+Z)", redo: "Redo (Ctrl+Y)", lang: "Language", help: "Keys and help (?)", compare: "Compare", board: "Map: arrow keys go from piece to piece, Enter gives the piece to the chosen cell",
    saved: "All saved", waiting: "Saving {0} …", unreachable: "The service does not answer. To be sent later: {0} edits", "signed out": "Your key is not accepted any more: sign in again under “All drafts”. To be sent then: {0} edits", proof: "{0} cells cover the area exactly", differs: "The service counts otherwise in {0}: reload the page",
    submit: "Submit", review: "Review", approve: "Approve", return: "Give back", "take back": "Take back", "review.own": "A draft is approved by somebody who has not drawn it, or by an administrator.", orphans: "{0} edits that {1} made in this browser were never sent. Send them under your name?", "orphans.send": "Send them", "orphans.leave": "Leave them", "activate.sure": "Put this plan in force now? Reports are sent to its cells from then on.", "done.open": "It can be edited again.", "done.submitted": "Submitted: somebody else looks at it now.", "done.approved": "Approved: it can be put in force.", "done.active": "The plan is in force.", activate: "Put in force", "in force": "In force",
    "tool.select": "Choose a cell (V)", "tool.piece": "Give one piece (C)", "tool.brush": "Brush (B)", "tool.lasso": "Lasso (L)", "tool.rectangle": "Rectangle (R)", "tool.line": "Split along a line (K)", "tool.size": "Brush size ([ and ])", "tool.mode": "Strokes choose pieces instead of giving them (S)", "tool.next": "Next problem (N)",
    none: "No cell chosen. Choose one: strokes give land to it.", "none.level": "Land lies in cells of the lowest level: choose it above. At this level whole cells are merged.", households: "households", pieces: "pieces", band: "band", below: "{0} too few", above: "{0} too many", within: "within its band", name: "Name", kind: "Kind", "kind.general": "general", "kind.exclusive": "exclusive", "kind.rural": "rural", lock: "Locked", exclave: "May lie in several parts", parent: "In",
    "split.evenly": "Split evenly into", "split.street": "Split by street", merge: "Merge with …", "merge.map": "one on the map", under: "Put under …", merging: "Choose the cell to merge {0} with", rebalance: "Balance with neighbours", undoable: "Undo takes everything back.", floors: "Floors", floor: "Floor {0}", give: "Give to …", "give.new": "a new cell",
    selection: "{0} pieces chosen: {1} households", "selection.give": "Give to the chosen cell", "selection.new": "New cell of them", "selection.together": "Keep together", "selection.free": "Let go apart", "selection.clear": "Clear",
    problems: "Problems", "problems.none": "No problem: every cell hangs together and is in its band.", "problem.parts": "in {0} parts", "problem.households": "{0} households, band {1}–{2}", working: "Working it out …", opening: "Laying out the land of the plan …", mend: "Mend", "mend.give": "Give {pieces} pieces ({households} households) to {cell}", "mend.take": "Take {pieces} pieces ({households} households) from {cell}", "mend.corridor": "Join the loose part by {pieces} pieces ({households} households) of {cell}", "mend.merge": "Merge it with {cell}: {households} households", "mend.split": "Split it into {parts} cells", "mend.rebalance": "Exchange {pieces} pieces among it and its neighbours", "mend.rebalance_floors": "Exchange {floors} floors or dwellings with {cell} on its ground", "mend.give_cells": "Put {cells} under {cell} ({households} households)", "mend.take_cells": "Take {cells} from {cell} ({households} households)", "mend.off": "{0} → {1} households off band", mends: "Ways to mend it", "mend.none": "No simple way found", take: "Take this", preview: "Preview", cancel: "Cancel", close: "Close", ok: "OK",
    talk: "Talk", "talk.say": "Say something of the draft, or of the chosen piece", "talk.hint": "Say something …", "talk.send": "Send", "talk.edit": "changed {0} pieces", "talk.conflict": "came too late with {0} pieces", "talk.stage": "→ {0}",
    cells: "Cells", level: "Level", "level.community": "communities", "level.grid": "grids", "level.micro": "micro-grids", conflict: "Somebody else was quicker: {0}. Your edit was taken back; the pieces are marked on the map.", refused: "Not possible: {0}", overtaken: "Others have changed these pieces since: nothing to take back.", "new households": "{0}: {1} → {2}",
    comparison: "Beside the plan it began with", "compare.map": "Show on the map", "compare.shown": "Borders that were are broken lines, pieces that moved are tinted. Esc takes it away.", yes: "yes", no: "no", own: "This belongs to {0} already.", "inside.none": "No piece has its middle in there: draw around whole pieces, or take the brush (B).", carried: "Carried over to the plan in force. Pieces that did not fit: {0}.", "overtaken.plan": "Another plan has come in force since this draft was begun: carry it over, under “More …”.", kept: "kept", redrawn: "redrawn", split_: "split", merged: "merged", new: "new", retired: "given up", moved: "households moved", sure: "Submit the draft? A plan is made of it and proved; then somebody else looks at it.", "review.text": "What is to be said (optional)", "problems.block": "{0} cells are in parts: mend them first.",
    credit: "© OpenStreetMap contributors", outside: "outside", piece: "piece with {0} households, cell {1}",
    "help.steps": "Choose a cell, stroke land into it, look at the problems, submit. Somebody else reviews it, and it is put in force.",
    keys: [["V", "choose a cell"], ["C", "give one piece"], ["B", "brush"], ["[ ]", "size of the brush"], ["L R", "lasso, rectangle"], ["K", "split along a line"], ["S", "strokes choose instead of give"], ["T", "choose the cell at the cursor"], ["arrows", "from piece to piece"], ["Enter", "give the piece"], ["Space", "choose the piece (or, held, move the map)"], ["N", "next problem"], ["Ctrl+Z Ctrl+Y", "undo, redo"], ["Alt + click", "choose the cell, whatever tool is on"], ["+ −", "closer, farther"], ["Esc", "let go"]],
};
const ZH = {
    "sign.why": "持有规划员密钥的人员可在此调整网格方案。", "sign.key": "密钥", "sign.go": "继续", "sign.wrong": "此密钥不能打开规划页面。",
    "drafts.title": "草案", "drafts.new": "基于现行方案新建草案，名称", "drafts.begin": "新建", "drafts.name": "草案", "drafts.owner": "编制", "drafts.stage": "状态", "drafts.changed": "最近修改", "drafts.open": "打开",
    "stage.open": "编辑中", "stage.submitted": "待审核", "stage.approved": "已通过", "stage.active": "现行", "stage.discarded": "已搁置", "stage.past": "曾为现行", "stage.returned": "退回", "sign.out": "退出",
    tools: "工具", more: "更多……", "more.download": "另存为方案文件 (QGIS)", "more.bring": "导入已编辑的方案文件……", "more.renew": "移到现行方案之上", "more.discard": "搁置", "more.discard.sure": "搁置此草案？其记录将保留。",
    brought: "文件划转 {0} 块；{1} 个网格为新增、撤销或资料有变。", "brought.crossed": "其边界穿过 {0} 块：各归所占最多的网格。", "brought.defects": "文件自身的图形有缺陷，不会带入：{0}。",
    certificate: "覆盖证明", "certificate.why": "以整数计（每米 {0} 步）：各层网格的边界逐边相加，除外缘外无一剩余。任何层级都无缝隙、无重叠。", "certificate.stacked": "按楼层划分的网格共用一块土地：{0} 个网格位于 {1} 处。", "certificate.edges": "边数", "certificate.residue": "剩余",
    "legend.few": "户数偏少", "legend.many": "户数偏多", "legend.stacked": "a·b：同址按楼层划分的网格", quality: "{0} 平方米 · 圆度 {1} % · {2} % 的边界沿道路等线", crosses: "内部有 {0} 米干道、铁路或河流",
    back: "全部草案", undo: "撤销 (Ctrl+Z)", redo: "重做 (Ctrl+Y)", lang: "语言", help: "快捷键与帮助 (?)", compare: "对比", board: "地图：方向键逐块移动，回车把地块划给所选网格",
    saved: "已全部保存", waiting: "正在保存 {0} 项……", unreachable: "服务没有响应：{0} 项修改暂存于此，恢复后自动提交", "signed out": "您的密钥已失效：{0} 项修改暂存于此，请在“全部草案”重新登录", proof: "{0} 个网格无缝全覆盖", differs: "{0} 的户数与服务端不一致：请刷新页面",
    submit: "提交", review: "审核", approve: "通过", return: "退回", "take back": "撤回", "review.own": "草案由未参与编制的人员或管理员通过。", orphans: "{1} 在此浏览器中所做的 {0} 项修改尚未提交。以您的名义提交？", "orphans.send": "提交", "orphans.leave": "暂不", "activate.sure": "现在启用此方案？此后上报事件将按其网格分派。", "done.open": "可以继续编辑。", "done.submitted": "已提交，待他人审核。", "done.approved": "已通过，可以启用。", "done.active": "方案已启用。", activate: "启用", "in force": "现行",
    "tool.select": "选网格 (V)", "tool.piece": "划一块 (C)", "tool.brush": "画笔 (B)", "tool.lasso": "套索 (L)", "tool.rectangle": "矩形 (R)", "tool.line": "沿线拆分 (K)", "tool.size": "画笔大小 ([ 和 ])", "tool.mode": "只选地块，不划转 (S)", "tool.next": "下一个问题 (N)",
    none: "尚未选择网格。请先选一个：画到的地块将划给它。", "none.level": "地块属于最低一级网格：请先在上方切换层级。本级只能整格合并。", households: "户", pieces: "块", band: "规模", below: "少 {0} 户", above: "多 {0} 户", within: "规模合适", name: "名称", kind: "类型", "kind.general": "一般", "kind.exclusive": "专属", "kind.rural": "农村", lock: "锁定", exclave: "允许飞地", parent: "上级",
    "split.evenly": "均分为", "split.street": "按街道拆分", merge: "合并……", "merge.map": "在图上选择", under: "归入……", merging: "请选择要与 {0} 合并的网格", rebalance: "与相邻网格平衡", undoable: "均可撤销。", floors: "楼层", floor: "{0} 层", give: "划给……", "give.new": "新网格",
    selection: "已选 {0} 块：{1} 户", "selection.give": "划给所选网格", "selection.new": "设为新网格", "selection.together": "保持在一起", "selection.free": "取消绑定", "selection.clear": "清除",
    problems: "问题", "problems.none": "没有问题：每个网格都连成一片且规模合适。", "problem.parts": "分成 {0} 片", "problem.households": "{0} 户，规模 {1}–{2}", working: "正在计算……", opening: "正在铺开方案的地块……", mend: "修正", "mend.give": "把 {pieces} 块（{households} 户）划给 {cell}", "mend.take": "从 {cell} 划入 {pieces} 块（{households} 户）", "mend.corridor": "经 {cell} 的 {pieces} 块（{households} 户）连通飞地", "mend.merge": "与 {cell} 合并：共 {households} 户", "mend.split": "拆为 {parts} 个网格", "mend.rebalance": "与相邻网格互换 {pieces} 块", "mend.rebalance_floors": "与同址的 {cell} 互换 {floors} 处楼层或住户", "mend.give_cells": "把 {cells} 归入 {cell}（{households} 户）", "mend.take_cells": "从 {cell} 划入 {cells}（{households} 户）", "mend.off": "超限 {0} → {1} 户", mends: "修正办法", "mend.none": "没有找到简单的办法", take: "采用", preview: "预览", cancel: "取消", close: "关闭", ok: "确定",
    talk: "讨论", "talk.say": "对草案或所选地块发表意见", "talk.hint": "发表意见……", "talk.send": "发送", "talk.edit": "修改了 {0} 块", "talk.conflict": "晚了一步，涉及 {0} 块", "talk.stage": "→ {0}",
    cells: "网格", level: "层级", "level.community": "社区", "level.grid": "网格", "level.micro": "微网格", conflict: "他人已先修改：{0}。您的修改已退回，相关地块已在图上标出。", refused: "不能这样做：{0}", overtaken: "这些地块之后已被他人修改，无法撤销。", "new households": "{0}：{1} → {2}",
    comparison: "与起草时的方案对比", "compare.map": "在图上显示", "compare.shown": "虚线为原边界，着色为划转的地块。按 Esc 取消。", yes: "是", no: "否", own: "已属于 {0}。", "inside.none": "其中没有任何地块的中心：请圈住整块，或改用画笔 (B)。", carried: "已移到现行方案之上。未能移入的地块：{0}。", "overtaken.plan": "起草之后已有新方案启用：请在“更多……”中移到现行方案之上。", kept: "保持", redrawn: "调整", split_: "拆分", merged: "合并", new: "新增", retired: "撤销", moved: "划转户数", sure: "提交草案？系统将据此生成方案并验证，然后由他人审核。", "review.text": "审核意见（可不填）", "problems.block": "{0} 个网格分成多片：请先修正。",
    credit: "© OpenStreetMap contributors", outside: "范围之外", piece: "地块，{0} 户，网格 {1}",
    "help.steps": "选一个网格，把地块划给它，查看问题，然后提交。由他人审核后启用。",
    keys: [["V", "选网格"], ["C", "划一块"], ["B", "画笔"], ["[ ]", "画笔大小"], ["L R", "套索、矩形"], ["K", "沿线拆分"], ["S", "只选不划"], ["T", "选光标处的网格"], ["方向键", "逐块移动"], ["回车", "划转该块"], ["空格", "选中该块（按住可拖动地图）"], ["N", "下一个问题"], ["Ctrl+Z Ctrl+Y", "撤销、重做"], ["Alt+单击", "任何工具下选网格"], ["+ −", "放大、缩小"], ["Esc", "放开"]],
};
const WORDS = {en: EN, zh: ZH};
let lang = new URLSearchParams(location.search).get("lang") || localStorage.getItem("wangge-lang") || (navigator.language.startsWith("zh") ? "zh" : "en");
if (!(lang in WORDS)) lang = "en";

export const language = () => lang;

export function setLanguage(chosen) {
    lang = chosen in WORDS ? chosen : "en";
    localStorage.setItem("wangge-lang", lang);
}

export function say(name, ...figures) {
    const text = WORDS[lang][name] ?? name.slice(name.indexOf(".") + 1);
    const named = typeof figures[0] === "object" ? figures[0] : figures, told = value => typeof value === "number" ? number(value) : value;
    if (typeof text !== "string") return text;
    const said = text.replace(/\{(\w+)\}/g, (_, name) => told(named[name]));
    return lang === "en" ? said.replace(/(?<![\d.,])1 (piece|household|cell|edit)s\b/g, "1 $1") : said;
}

export const number = value => new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en").format(value);

// Every element that names its words, and those whose words are for screen readers.
export function sayAll(root = document) {
    document.documentElement.lang = lang;
    for (const each of root.querySelectorAll("[data-say]")) each.textContent = say(each.dataset.say);
    for (const each of root.querySelectorAll("[data-label]")) {
        each.setAttribute("aria-label", say(each.dataset.label));
        if (each.tagName === "BUTTON") each.title = say(each.dataset.label);
    }
}
