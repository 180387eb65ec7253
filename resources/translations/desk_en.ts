<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
<context>
    <name>CallBar</name>
    <message>
        <source>号码未显示</source>
        <translation>Number withheld</translation>
    </message>
    <message>
        <source>等待来电</source>
        <translation>Waiting for a call</translation>
    </message>
    <message>
        <source>{city} · 来电</source>
        <translation>{city} · incoming</translation>
    </message>
    <message>
        <source>通话时长 {time}</source>
        <translation>Call time {time}</translation>
    </message>
    <message>
        <source>恢复 F4</source>
        <translation>Resume F4</translation>
    </message>
    <message>
        <source>保持 F4</source>
        <translation>Hold F4</translation>
    </message>
    <message>
        <source>恢复</source>
        <translation>Resume</translation>
    </message>
    <message>
        <source>保持</source>
        <translation>Hold</translation>
    </message>
    <message>
        <source>振铃</source>
        <translation>Ringing</translation>
    </message>
    <message>
        <source>通话中</source>
        <translation>Talking</translation>
    </message>
    <message>
        <source>保持中</source>
        <translation>On hold</translation>
    </message>
    <message>
        <source>空闲</source>
        <translation>Idle</translation>
    </message>
    <message>
        <source>话后整理</source>
        <translation>Wrap-up</translation>
    </message>
    <message>
        <source>已提交</source>
        <translation>Submitted</translation>
    </message>
    <message>
        <source>接听 F2</source>
        <translation>Answer F2</translation>
    </message>
    <message>
        <source>接听</source>
        <translation>Answer</translation>
    </message>
    <message>
        <source>挂断 F8</source>
        <translation>End F8</translation>
    </message>
    <message>
        <source>挂断</source>
        <translation>Hang up</translation>
    </message>
</context>
<context>
    <name>CardWidget</name>
    <message>
        <source>听市民说话，自动找答案</source>
        <translation>Answers come up as the citizen speaks</translation>
    </message>
    <message>
        <source>知识卡片 {number}：空</source>
        <translation>Knowledge card {number}: empty</translation>
    </message>
    <message>
        <source>因为说到：{words}</source>
        <translation>Because of: {words}</translation>
    </message>
    <message>
        <source>知识卡片 {number}：{title}</source>
        <translation>Knowledge card {number}: {title}</translation>
    </message>
</context>
<context>
    <name>ConversationPanel</name>
    <message>
        <source>通话内容</source>
        <translation>Conversation</translation>
    </message>
    <message>
        <source>虚线：正在说&#x3000;点线：没听清</source>
        <translation>dashed: speaking · dotted: unsure</translation>
    </message>
    <message>
        <source>跳到最新</source>
        <translation>Jump to latest</translation>
    </message>
    <message>
        <source>跳到最新的话</source>
        <translation>Jump to the latest words</translation>
    </message>
    <message>
        <source>市民</source>
        <translation>Citizen</translation>
    </message>
    <message>
        <source>坐席</source>
        <translation>Operator</translation>
    </message>
    <message>
        <source>正在说…</source>
        <translation>speaking…</translation>
    </message>
</context>
<context>
    <name>DeskWindow</name>
    <message>
        <source>听单 · 坐席工作台</source>
        <translation>Tingdan · Operator desk</translation>
    </message>
</context>
<context>
    <name>DraftLine</name>
    <message>
        <source>（还没有标题和地点）</source>
        <translation>(no title or place yet)</translation>
    </message>
    <message>
        <source>继续处理</source>
        <translation>Go on</translation>
    </message>
    <message>
        <source>再按一次即删除</source>
        <translation>Press again to delete</translation>
    </message>
    <message>
        <source>删除</source>
        <translation>Delete</translation>
    </message>
</context>
<context>
    <name>EmergencyBar</name>
    <message>
        <source>特急：可能危及人身安全，一键转接</source>
        <translation>Emergency: life may be in danger, hand over with one key</translation>
    </message>
    <message>
        <source>110 公安</source>
        <translation>110 Police</translation>
    </message>
    <message>
        <source>119 消防</source>
        <translation>119 Fire</translation>
    </message>
    <message>
        <source>120 急救</source>
        <translation>120 Ambulance</translation>
    </message>
    <message>
        <source>122 交通事故</source>
        <translation>122 Traffic</translation>
    </message>
    <message>
        <source>转接 {name}</source>
        <translation>Hand over to {name}</translation>
    </message>
</context>
<context>
    <name>FieldEditor</name>
    <message>
        <source>更多：直接键入代码或名称</source>
        <translation>More: type a code or a name</translation>
    </message>
    <message>
        <source>采纳（回车）</source>
        <translation>Take (Enter)</translation>
    </message>
    <message>
        <source>清空（Ctrl+Del）</source>
        <translation>Clear (Ctrl+Del)</translation>
    </message>
    <message>
        <source>交还识别（Ctrl+R）</source>
        <translation>Give back to recognition (Ctrl+R)</translation>
    </message>
    <message>
        <source>无效</source>
        <translation>invalid</translation>
    </message>
    <message>
        <source>在改</source>
        <translation>typing</translation>
    </message>
    <message>
        <source>待填</source>
        <translation>needed</translation>
    </message>
    <message>
        <source>已清</source>
        <translation>cleared</translation>
    </message>
    <message>
        <source>同诉求 1：{text}</source>
        <translation>As matter 1: {text}</translation>
    </message>
    <message>
        <source>状态：{state}</source>
        <translation>State: {state}</translation>
    </message>
    <message>
        <source>把握 {percent}%</source>
        <translation>confidence {percent}%</translation>
    </message>
    <message>
        <source>必填</source>
        <translation>required</translation>
    </message>
    <message>
        <source>依据：{reasons}</source>
        <translation>because: {reasons}</translation>
    </message>
    <message>
        <source>空</source>
        <translation>empty</translation>
    </message>
    <message>
        <source>建议</source>
        <translation>offered</translation>
    </message>
    <message>
        <source>已填</source>
        <translation>filled</translation>
    </message>
    <message>
        <source>已改</source>
        <translation>edited</translation>
    </message>
    <message>
        <source>确认</source>
        <translation>taken</translation>
    </message>
    <message>
        <source>{field}的备选</source>
        <translation>Options of {field}</translation>
    </message>
</context>
<context>
    <name>Fields</name>
    <message>
        <source>诉求人姓名</source>
        <translation>Requester&apos;s name</translation>
    </message>
    <message>
        <source>称谓/性别</source>
        <translation>Form of address</translation>
    </message>
    <message>
        <source>诉求人类型</source>
        <translation>Kind of requester</translation>
    </message>
    <message>
        <source>企业/组织名称</source>
        <translation>Organisation</translation>
    </message>
    <message>
        <source>统一社会信用代码</source>
        <translation>Social credit code</translation>
    </message>
    <message>
        <source>联系电话</source>
        <translation>Phone</translation>
    </message>
    <message>
        <source>备用电话</source>
        <translation>Phone 2</translation>
    </message>
    <message>
        <source>证件类型</source>
        <translation>ID type</translation>
    </message>
    <message>
        <source>证件号码</source>
        <translation>ID number</translation>
    </message>
    <message>
        <source>诉求人住址</source>
        <translation>Requester&apos;s address</translation>
    </message>
    <message>
        <source>是否匿名</source>
        <translation>Anonymous</translation>
    </message>
    <message>
        <source>是否保密</source>
        <translation>Private</translation>
    </message>
    <message>
        <source>方便接听部门电话</source>
        <translation>Department may call</translation>
    </message>
    <message>
        <source>是否回访</source>
        <translation>Call back</translation>
    </message>
    <message>
        <source>是否同意公开</source>
        <translation>May be published</translation>
    </message>
    <message>
        <source>诉求类型</source>
        <translation>Type</translation>
    </message>
    <message>
        <source>事项分类编码</source>
        <translation>Item</translation>
    </message>
    <message>
        <source>诉求标题</source>
        <translation>Title</translation>
    </message>
    <message>
        <source>诉求内容</source>
        <translation>Content</translation>
    </message>
    <message>
        <source>诉求要求</source>
        <translation>Demand</translation>
    </message>
    <message>
        <source>事发时间(原话)</source>
        <translation>Time (as said)</translation>
    </message>
    <message>
        <source>事发时间起</source>
        <translation>Time from</translation>
    </message>
    <message>
        <source>时间精度</source>
        <translation>Time precision</translation>
    </message>
    <message>
        <source>市</source>
        <translation>City</translation>
    </message>
    <message>
        <source>区县</source>
        <translation>District</translation>
    </message>
    <message>
        <source>街道/镇</source>
        <translation>Street/town</translation>
    </message>
    <message>
        <source>社区/村居</source>
        <translation>Community</translation>
    </message>
    <message>
        <source>详细地址</source>
        <translation>Address</translation>
    </message>
    <message>
        <source>参照物</source>
        <translation>Landmark</translation>
    </message>
    <message>
        <source>被反映对象</source>
        <translation>Subject</translation>
    </message>
    <message>
        <source>车牌号</source>
        <translation>Plate number</translation>
    </message>
    <message>
        <source>订单/案件号</source>
        <translation>Order/case number</translation>
    </message>
    <message>
        <source>关联工单号</source>
        <translation>Related ticket</translation>
    </message>
    <message>
        <source>涉及金额(元)</source>
        <translation>Amount (yuan)</translation>
    </message>
    <message>
        <source>涉及人数</source>
        <translation>People concerned</translation>
    </message>
    <message>
        <source>紧急程度</source>
        <translation>Urgency</translation>
    </message>
    <message>
        <source>标签</source>
        <translation>Tags</translation>
    </message>
</context>
<context>
    <name>KnowledgePanel</name>
    <message>
        <source>找到 {count} 条</source>
        <translation>{count} found</translation>
    </message>
    <message>
        <source>没有找到，换个说法试试</source>
        <translation>Nothing found, try other words</translation>
    </message>
    <message>
        <source>本通推送 {count} 条</source>
        <translation>{count} pushed in this call</translation>
    </message>
    <message>
        <source>选一条知识，这里显示完整答案。</source>
        <translation>Choose an entry to read its full answer here.</translation>
    </message>
    <message>
        <source>出处</source>
        <translation>Source</translation>
    </message>
    <message>
        <source>适用</source>
        <translation>Holds for</translation>
    </message>
    <message>
        <source>答复单位</source>
        <translation>Unit</translation>
    </message>
    <message>
        <source>有效期</source>
        <translation>Valid</translation>
    </message>
    <message>
        <source>版本</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>未注明</source>
        <translation>not stated</translation>
    </message>
    <message>
        <source>{span}（已过期）</source>
        <translation>{span} (expired)</translation>
    </message>
    <message>
        <source>{span}（未生效）</source>
        <translation>{span} (not yet)</translation>
    </message>
    <message>
        <source>知识库</source>
        <translation>Knowledge</translation>
    </message>
    <message>
        <source>搜索知识（F3）</source>
        <translation>Search knowledge (F3)</translation>
    </message>
    <message>
        <source>搜索知识</source>
        <translation>Search knowledge</translation>
    </message>
    <message>
        <source>知识条目</source>
        <translation>Knowledge entries</translation>
    </message>
    <message>
        <source>完整答案</source>
        <translation>Full answer</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>示例</source>
        <translation>SAMPLE</translation>
    </message>
    <message>
        <source>已过期</source>
        <translation>EXPIRED</translation>
    </message>
    <message>
        <source>未生效</source>
        <translation>NOT YET VALID</translation>
    </message>
</context>
<context>
    <name>NextButton</name>
    <message>
        <source>下一通 Ctrl+N</source>
        <translation>Next call Ctrl+N</translation>
    </message>
    <message>
        <source>下一通</source>
        <translation>Next call</translation>
    </message>
    <message>
        <source>收起这通电话，回到等待；没提交的留作草稿</source>
        <translation>Put this call away and wait for the next; what is not submitted stays a draft</translation>
    </message>
</context>
<context>
    <name>PassphraseDialog</name>
    <message>
        <source>听单 · 工单库口令</source>
        <translation>Tingdan · passphrase of the ticket store</translation>
    </message>
    <message>
        <source>这台电脑没有系统密钥环。请设定一个口令来保护工单库，至少 {count} 个字符。忘记口令，库里的工单就打不开了。</source>
        <translation>This PC has no system keyring. Set a passphrase to protect the ticket store, {count} characters at least. Without it the tickets in the store cannot be opened again.</translation>
    </message>
    <message>
        <source>工单库由口令保护，请输入口令。</source>
        <translation>The ticket store is protected by a passphrase. Please enter it.</translation>
    </message>
    <message>
        <source>口令不正确，请再试一次。</source>
        <translation>The passphrase is wrong. Please try again.</translation>
    </message>
    <message>
        <source>口令</source>
        <translation>Passphrase</translation>
    </message>
    <message>
        <source>再输入一次</source>
        <translation>Once more</translation>
    </message>
    <message>
        <source>确定</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>退出</source>
        <translation>Quit</translation>
    </message>
    <message>
        <source>口令太短：至少 {count} 个字符。</source>
        <translation>Too short: {count} characters at least.</translation>
    </message>
    <message>
        <source>两次输入不同。</source>
        <translation>The two are not the same.</translation>
    </message>
    <message>
        <source>请输入口令，或按“退出”。</source>
        <translation>Enter the passphrase, or press Quit.</translation>
    </message>
</context>
<context>
    <name>ShortFields</name>
    <message>
        <source>姓名</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>称谓</source>
        <translation>Address as</translation>
    </message>
    <message>
        <source>主体类型</source>
        <translation>Requester</translation>
    </message>
    <message>
        <source>单位名称</source>
        <translation>Organisation</translation>
    </message>
    <message>
        <source>信用代码</source>
        <translation>Credit code</translation>
    </message>
    <message>
        <source>住址</source>
        <translation>Home</translation>
    </message>
    <message>
        <source>部门来电</source>
        <translation>Dept. call</translation>
    </message>
    <message>
        <source>匿名</source>
        <translation>Anonymous</translation>
    </message>
    <message>
        <source>保密</source>
        <translation>Private</translation>
    </message>
    <message>
        <source>回访</source>
        <translation>Call back</translation>
    </message>
    <message>
        <source>公开</source>
        <translation>Publish</translation>
    </message>
    <message>
        <source>事项</source>
        <translation>Item</translation>
    </message>
    <message>
        <source>事发时间</source>
        <translation>Time</translation>
    </message>
    <message>
        <source>时间起</source>
        <translation>Time from</translation>
    </message>
    <message>
        <source>街道</source>
        <translation>Street</translation>
    </message>
    <message>
        <source>社区</source>
        <translation>Community</translation>
    </message>
    <message>
        <source>反映对象</source>
        <translation>Subject</translation>
    </message>
    <message>
        <source>订单号</source>
        <translation>Order no.</translation>
    </message>
    <message>
        <source>关联工单</source>
        <translation>Related</translation>
    </message>
    <message>
        <source>金额(元)</source>
        <translation>Amount ¥</translation>
    </message>
    <message>
        <source>标题</source>
        <translation>Title</translation>
    </message>
    <message>
        <source>内容</source>
        <translation>Content</translation>
    </message>
    <message>
        <source>要求</source>
        <translation>Demand</translation>
    </message>
</context>
<context>
    <name>StartPanel</name>
    <message>
        <source>打开录音</source>
        <translation>Open a recording</translation>
    </message>
    <message>
        <source>双声道录音 (*.wav *.flac)</source>
        <translation>Two-channel recordings (*.wav *.flac)</translation>
    </message>
    <message>
        <source>通话脚本 (*.json)</source>
        <translation>Call scripts (*.json)</translation>
    </message>
    <message>
        <source>等待来电</source>
        <translation>Waiting for a call</translation>
    </message>
    <message>
        <source>现在没有通话。可以打开一段录音来演练：它会像来电一样振铃，按 F2 接听。</source>
        <translation>There is no call now. Open a recording to rehearse: it rings like a call, F2 answers it.</translation>
    </message>
    <message>
        <source>没有提交的草稿</source>
        <translation>Drafts not submitted</translation>
    </message>
    <message>
        <source>示例通话</source>
        <translation>Sample calls</translation>
    </message>
    <message>
        <source>打开录音  Ctrl+O</source>
        <translation>Open a recording  Ctrl+O</translation>
    </message>
</context>
<context>
    <name>SubmitBar</name>
    <message>
        <source>已提交，工单编号 {number}</source>
        <translation>Submitted, ticket {number}</translation>
    </message>
    <message>
        <source>正在提交…</source>
        <translation>Submitting…</translation>
    </message>
    <message>
        <source>还缺：{names}</source>
        <translation>Missing: {names}</translation>
    </message>
    <message>
        <source>待确认：{names}</source>
        <translation>To confirm: {names}</translation>
    </message>
    <message>
        <source>{words}&#x3000;再按一次仍然提交</source>
        <translation>{words} · press again to submit all the same</translation>
    </message>
    <message>
        <source>必填项齐了；{count} 项建议未采纳，不会随单提交</source>
        <translation>Required fields are complete; {count} suggestions not taken will not be submitted</translation>
    </message>
    <message>
        <source>必填项齐了，可以提交</source>
        <translation>Required fields are complete, ready to submit</translation>
    </message>
    <message>
        <source>等待来电</source>
        <translation>Waiting for a call</translation>
    </message>
    <message>
        <source>、</source>
        <translation>, </translation>
    </message>
    <message>
        <source>{names}等 {count} 项</source>
        <translation>{names} and others, {count} in all</translation>
    </message>
    <message>
        <source>提交工单  Ctrl+回车</source>
        <translation>Submit  Ctrl+Enter</translation>
    </message>
    <message>
        <source>提交工单</source>
        <translation>Submit the ticket</translation>
    </message>
</context>
<context>
    <name>TicketPanel</name>
    <message>
        <source>诉求 {number}</source>
        <translation>Matter {number}</translation>
    </message>
    <message>
        <source>还需询问：{field}</source>
        <translation>Still to ask: {field}</translation>
    </message>
    <message>
        <source>还需询问</source>
        <translation>Still to ask</translation>
    </message>
    <message>
        <source>要问的都有了</source>
        <translation>Nothing left to ask</translation>
    </message>
    <message>
        <source>更多字段（{count} 项有值）</source>
        <translation>More fields ({count} with a value)</translation>
    </message>
    <message>
        <source>更多字段</source>
        <translation>More fields</translation>
    </message>
    <message>
        <source>工单</source>
        <translation>Ticket</translation>
    </message>
    <message>
        <source>回车采纳&#x3000;Ctrl+Del 清空&#x3000;Alt+↓ 备选&#x3000;F7 下一处</source>
        <translation>Enter take · Ctrl+Del clear · Alt+↓ options · F7 next</translation>
    </message>
    <message>
        <source>诉求</source>
        <translation>Matter</translation>
    </message>
    <message>
        <source>事发地点</source>
        <translation>Place</translation>
    </message>
    <message>
        <source>诉求人</source>
        <translation>Requester</translation>
    </message>
    <message>
        <source>要求与内容</source>
        <translation>Demand and content</translation>
    </message>
</context>
<context>
    <name>ViewButton</name>
    <message>
        <source>显示</source>
        <translation>View</translation>
    </message>
    <message>
        <source>显示：主题、字号、语言</source>
        <translation>View: theme, type size, language</translation>
    </message>
    <message>
        <source>浅色</source>
        <translation>Light</translation>
    </message>
    <message>
        <source>深色</source>
        <translation>Dark</translation>
    </message>
    <message>
        <source>高对比</source>
        <translation>High contrast</translation>
    </message>
    <message>
        <source>由本机管理策略规定，不能更改</source>
        <translation>Set by this machine&apos;s policy and cannot be changed</translation>
    </message>
    <message>
        <source>字号 {percent}%</source>
        <translation>Type size {percent}%</translation>
    </message>
</context>
</TS>
