<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
<context>
    <name>AnswerPage</name>
    <message>
        <source>章节 {count}</source>
        <translation>Sections {count}</translation>
    </message>
    <message>
        <source>跳到：{title}</source>
        <translation>Go to: {title}</translation>
    </message>
    <message>
        <source>选一条知识，这里显示完整答案。</source>
        <translation>Choose an entry to read its full answer here.</translation>
    </message>
    <message>
        <source>知识库已撤回这一条，请不要使用。</source>
        <translation>This entry was recalled. Do not use it.</translation>
    </message>
    <message>
        <source>内部：只给坐席看，不念给市民。</source>
        <translation>Internal: for your eyes, not to be read out.</translation>
    </message>
    <message>
        <source>敏感：先问值班长，再答复。</source>
        <translation>Restricted: ask the shift leader first.</translation>
    </message>
    <message>
        <source>因为说到：{words}</source>
        <translation>Because of: {words}</translation>
    </message>
    <message>
        <source>本中心常用，排得靠前</source>
        <translation>Used often here, so it stands higher</translation>
    </message>
    <message>
        <source>有人反馈不适用，排得靠后</source>
        <translation>Reported as no use, so it stands lower</translation>
    </message>
    <message>
        <source>我的备注</source>
        <translation>My note</translation>
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
        <translation>Not stated</translation>
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
        <source>复制话术</source>
        <translation>Copy words</translation>
    </message>
    <message>
        <source>跳到章节</source>
        <translation>Go to section</translation>
    </message>
    <message>
        <source>完整答案</source>
        <translation>Full answer</translation>
    </message>
</context>
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
        <source>通话时长 {time}</source>
        <translation>Call time {time}</translation>
    </message>
    <message>
        <source>开始听 F2</source>
        <translation>Listen F2</translation>
    </message>
    <message>
        <source>开始听通话</source>
        <translation>Begin to listen</translation>
    </message>
    <message>
        <source>电话接起后按：用本机的声音开始听</source>
        <translation>Press once the telephone is answered: this PC&apos;s sound is listened to</translation>
    </message>
    <message>
        <source>{city}去电</source>
        <translation>Call from {city}</translation>
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
        <source>呼出中</source>
        <translation>Calling</translation>
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
        <source>{origin}号码</source>
        <translation>{origin} number</translation>
    </message>
    <message>
        <source>旧单 {count}</source>
        <translation>{count} earlier</translation>
    </message>
    <message>
        <source>{city}来电</source>
        <translation>call to {city}</translation>
    </message>
    <message>
        <source>本地来电</source>
        <translation>local call</translation>
    </message>
    <message>
        <source>挂断 F8</source>
        <translation>End F8</translation>
    </message>
    <message>
        <source>挂断</source>
        <translation>Hang up</translation>
    </message>
    <message>
        <source>市民音量</source>
        <translation>Citizen&apos;s level</translation>
    </message>
    <message>
        <source>坐席音量</source>
        <translation>Operator&apos;s level</translation>
    </message>
</context>
<context>
    <name>CardStrip</name>
    <message>
        <source>知识库 {words}</source>
        <translation>Knowledge base {words}</translation>
    </message>
    <message>
        <source>新知识卡片 {count} 张：{title}</source>
        <translation>{count} new knowledge cards: {title}</translation>
    </message>
</context>
<context>
    <name>CardTools</name>
    <message>
        <source>用上了 Alt+U</source>
        <translation>Used Alt+U</translation>
    </message>
    <message>
        <source>用上了</source>
        <translation>Used</translation>
    </message>
    <message>
        <source>没用 Alt+J</source>
        <translation>No use Alt+J</translation>
    </message>
    <message>
        <source>没用</source>
        <translation>No use</translation>
    </message>
    <message>
        <source>有错 Alt+W</source>
        <translation>Wrong Alt+W</translation>
    </message>
    <message>
        <source>有错</source>
        <translation>Wrong</translation>
    </message>
    <message>
        <source>过时 Alt+O</source>
        <translation>Outdated Alt+O</translation>
    </message>
    <message>
        <source>过时</source>
        <translation>Outdated</translation>
    </message>
    <message>
        <source>收藏 Alt+D</source>
        <translation>Favourite Alt+D</translation>
    </message>
    <message>
        <source>收藏</source>
        <translation>Favourite</translation>
    </message>
    <message>
        <source>静音</source>
        <translation>Quiet</translation>
    </message>
    <message>
        <source>本通不再推送卡片 Alt+M</source>
        <translation>No more cards in this call Alt+M</translation>
    </message>
</context>
<context>
    <name>CardWidget</name>
    <message>
        <source>库过期 {days} 天</source>
        <extracomment>A card says that use moved it from this shift on.</extracomment>
        <translation>expired {days} d</translation>
    </message>
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
        <source>本中心常用</source>
        <translation>often used here</translation>
    </message>
    <message>
        <source>有人反馈不适用</source>
        <translation>doubted here</translation>
    </message>
    <message>
        <source>知识卡片 {number}：{title}</source>
        <translation>Knowledge card {number}: {title}</translation>
    </message>
</context>
<context>
    <name>ChangesPage</name>
    <message>
        <source>这台电脑上没有上一版可以比较。</source>
        <translation>No earlier version on this PC to compare with.</translation>
    </message>
    <message>
        <source>已更新：您看的是第 {old} 版，新的是第 {new} 版。</source>
        <translation>Updated: you read version {old}, the new one is {new}.</translation>
    </message>
    <message>
        <source>和上一版（第 {old} 版）相比：</source>
        <translation>Compared with version {old}:</translation>
    </message>
    <message>
        <source>和上一版知识库相比没有变化。</source>
        <translation>No change since the last release.</translation>
    </message>
    <message>
        <source>换成新版</source>
        <translation>Read the new one</translation>
    </message>
    <message>
        <source>变化</source>
        <translation>Changes</translation>
    </message>
</context>
<context>
    <name>ConsultRow</name>
    <message>
        <source>已接通 {number}</source>
        <translation>{number} has answered</translation>
    </message>
    <message>
        <source>正在呼叫 {number}</source>
        <translation>Calling {number}</translation>
    </message>
    <message>
        <source>转接</source>
        <translation>Transfer</translation>
    </message>
    <message>
        <source>完成转接</source>
        <translation>Complete the transfer</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Return</translation>
    </message>
    <message>
        <source>返回市民</source>
        <translation>Return to the citizen</translation>
    </message>
    <message>
        <source>三方</source>
        <translation>All three</translation>
    </message>
    <message>
        <source>三方通话</source>
        <translation>Conference</translation>
    </message>
</context>
<context>
    <name>ConversationPanel</name>
    <message>
        <source>通话内容</source>
        <translation>Conversation</translation>
    </message>
    <message>
        <source>{place}/{count} 处</source>
        <translation>{place} of {count}</translation>
    </message>
    <message>
        <source>没有</source>
        <translation>None</translation>
    </message>
    <message>
        <source>虚线框：正在说&#x3000;点线：没听清&#x3000;细线：号码和地点&#x3000;单击一句听原音</source>
        <translation>Dashed frame: being said; dots: not heard surely; thin line: numbers and places; a click plays an utterance</translation>
    </message>
    <message>
        <source>只看市民</source>
        <translation>Citizen</translation>
    </message>
    <message>
        <source>只看市民说的话（再按恢复）</source>
        <translation>Only what the citizen says (press again for both)</translation>
    </message>
    <message>
        <source>查找</source>
        <translation>Find</translation>
    </message>
    <message>
        <source>在通话里查找</source>
        <translation>Find in the conversation</translation>
    </message>
    <message>
        <source>标记</source>
        <translation>Flag</translation>
    </message>
    <message>
        <source>标记这一刻</source>
        <translation>Flag this moment</translation>
    </message>
    <message>
        <source>在通话里查找：回车下一处</source>
        <translation>Find in the conversation: Enter goes on</translation>
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
    <message>
        <source>⚑ 已标记</source>
        <translation>⚑ flagged</translation>
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
    <name>DetailsPage</name>
    <message>
        <source>已复制</source>
        <translation>Copied</translation>
    </message>
    <message>
        <source>单击或回车复制</source>
        <translation>Click or Enter copies</translation>
    </message>
    <message>
        <source>材料、地点、电话</source>
        <translation>Materials, places, phones</translation>
    </message>
</context>
<context>
    <name>DialWindow</name>
    <message>
        <source>拨打</source>
        <translation>Call</translation>
    </message>
    <message>
        <source>拨打：号码，回车</source>
        <translation>Call: number, Enter</translation>
    </message>
    <message>
        <source>要拨打的号码</source>
        <translation>Number to call</translation>
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
        <translation>Life may be in danger: hand over with one key</translation>
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
    <name>EntryView</name>
    <message>
        <source>答案</source>
        <translation>Answer</translation>
    </message>
    <message>
        <source>流程</source>
        <translation>Steps</translation>
    </message>
    <message>
        <source>资料 {count}</source>
        <translation>Details {count}</translation>
    </message>
    <message>
        <source>层级</source>
        <translation>Tiers</translation>
    </message>
    <message>
        <source>已更新</source>
        <translation>Updated</translation>
    </message>
    <message>
        <source>变化</source>
        <translation>Changes</translation>
    </message>
    <message>
        <source>有备注</source>
        <translation>Noted</translation>
    </message>
    <message>
        <source>备注</source>
        <translation>Note</translation>
    </message>
    <message>
        <source>完整答案 Ctrl+1</source>
        <translation>Full answer Ctrl+1</translation>
    </message>
    <message>
        <source>引导流程 Ctrl+2</source>
        <translation>Guided steps Ctrl+2</translation>
    </message>
    <message>
        <source>材料、地点、电话 Ctrl+3</source>
        <translation>Materials, places, phones Ctrl+3</translation>
    </message>
    <message>
        <source>政策文件、归纳解读、常见问答 Ctrl+4</source>
        <translation>Document, digest, questions Ctrl+4</translation>
    </message>
    <message>
        <source>和上一版比较 Ctrl+5</source>
        <translation>Compare with the version before Ctrl+5</translation>
    </message>
    <message>
        <source>我的备注 Ctrl+6</source>
        <translation>My note Ctrl+6</translation>
    </message>
    <message>
        <source>上下级知识</source>
        <translation>The three tiers</translation>
    </message>
    <message>
        <source>复制要说的话 Alt+Y</source>
        <translation>Copy what to say Alt+Y</translation>
    </message>
</context>
<context>
    <name>FieldEditor</name>
    <message>
        <source>事项树（Alt+I）；或直接键入名称、首字母、代码</source>
        <translation>Item tree (Alt+I); or type name, initials, code</translation>
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
        <source>主办单位</source>
        <translation>Lead unit</translation>
    </message>
    <message>
        <source>办结时限</source>
        <translation>Due</translation>
    </message>
    <message>
        <source>审核时限</source>
        <translation>Check due</translation>
    </message>
    <message>
        <source>标题</source>
        <translation>Title</translation>
    </message>
    <message>
        <source>话术</source>
        <translation>What to say</translation>
    </message>
    <message>
        <source>答案</source>
        <translation>Answer</translation>
    </message>
    <message>
        <source>层级</source>
        <translation>Tier</translation>
    </message>
    <message>
        <source>上级</source>
        <translation>Parent</translation>
    </message>
    <message>
        <source>问法</source>
        <translation>Questions</translation>
    </message>
    <message>
        <source>事项</source>
        <translation>Items</translation>
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
        <source>出处</source>
        <translation>Source</translation>
    </message>
    <message>
        <source>生效日期</source>
        <translation>Valid from</translation>
    </message>
    <message>
        <source>失效日期</source>
        <translation>Valid to</translation>
    </message>
    <message>
        <source>标签</source>
        <translation>Tags</translation>
    </message>
    <message>
        <source>章节</source>
        <translation>Sections</translation>
    </message>
    <message>
        <source>流程</source>
        <translation>Steps</translation>
    </message>
    <message>
        <source>材料</source>
        <translation>Materials</translation>
    </message>
    <message>
        <source>地点</source>
        <translation>Places</translation>
    </message>
    <message>
        <source>电话</source>
        <translation>Phones</translation>
    </message>
    <message>
        <source>状态</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>敏感级别</source>
        <translation>Sensitivity</translation>
    </message>
</context>
<context>
    <name>GuidePage</name>
    <message>
        <source>流程到此结束。</source>
        <translation>The steps end here.</translation>
    </message>
    <message>
        <source>已写入</source>
        <translation>Written</translation>
    </message>
    <message>
        <source>上一步</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>重来</source>
        <translation>Again</translation>
    </message>
    <message>
        <source>写入工单</source>
        <translation>To ticket</translation>
    </message>
    <message>
        <source>把走过的流程追加到工单的“内容”；此后内容由您负责，识别不再改动。</source>
        <translation>Adds the path to the ticket&apos;s content; from then on the content is yours and recognition leaves it alone.</translation>
    </message>
    <message>
        <source>选项</source>
        <translation>Choices</translation>
    </message>
</context>
<context>
    <name>ItemPicker</name>
    <message>
        <source>事项</source>
        <translation>Item</translation>
    </message>
    <message>
        <source>名称、首字母、拼音、代码或市民的说法</source>
        <translation>Name, initials, pinyin, code, or how citizens put it</translation>
    </message>
    <message>
        <source>查事项</source>
        <translation>Find an item</translation>
    </message>
    <message>
        <source>事项备选</source>
        <translation>Proposed items</translation>
    </message>
    <message>
        <source>事项树</source>
        <translation>Item tree</translation>
    </message>
    <message>
        <source>当前和备选</source>
        <translation>Present item and proposals</translation>
    </message>
    <message>
        <source>；</source>
        <translation>; </translation>
    </message>
    <message>
        <source>把握 {percent}%</source>
        <translation>{percent} % sure</translation>
    </message>
    <message>
        <source>当前：{item}</source>
        <translation>Now: {item}</translation>
    </message>
    <message>
        <source>把握 {percent}%&#x3000;{unit}</source>
        <translation>{percent} % sure&#x3000;{unit}</translation>
    </message>
    <message>
        <source>找到 {count} 项</source>
        <translation>{count} found</translation>
    </message>
</context>
<context>
    <name>KeypadWindow</name>
    <message>
        <source>已发送的按键</source>
        <extracomment>Who is most often called into a call.</extracomment>
        <translation>Keys sent</translation>
    </message>
    <message>
        <source>按键 {digit}</source>
        <translation>Key {digit}</translation>
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
        <source>{count} 条</source>
        <translation>{count}</translation>
    </message>
    <message>
        <source>{count} 条待看</source>
        <translation>{count} waiting</translation>
    </message>
    <message>
        <source>更新于 {day}</source>
        <translation>updated {day}</translation>
    </message>
    <message>
        <source>固定在这一版</source>
        <translation>pinned</translation>
    </message>
    <message>
        <source>已过期 {days} 天</source>
        <translation>expired {days} days ago</translation>
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
        <source>新的知识卡片在等：现在就看 Alt+H</source>
        <translation>New cards wait: show them now Alt+H</translation>
    </message>
</context>
<context>
    <name>LockPage</name>
    <message>
        <source>正在打开…</source>
        <translation>Opening…</translation>
    </message>
    <message>
        <source>解锁</source>
        <translation>Unlock</translation>
    </message>
    <message>
        <source>已锁定</source>
        <translation>Locked</translation>
    </message>
    <message>
        <source>有一会儿没有人操作，屏幕和工单库都锁上了。草稿都在。</source>
        <translation>Nobody worked for a while: screen and ticket store are locked. All drafts are kept.</translation>
    </message>
    <message>
        <source>有来电：请先解锁</source>
        <translation>Somebody calls: unlock first</translation>
    </message>
    <message>
        <source>工单库口令</source>
        <translation>Passphrase of the ticket store</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>草稿</source>
        <translation>Draft</translation>
    </message>
    <message>
        <source>停用</source>
        <translation>Withdrawn</translation>
    </message>
    <message>
        <source>内部</source>
        <translation>Internal</translation>
    </message>
    <message>
        <source>敏感</source>
        <translation>Sensitive</translation>
    </message>
    <message>
        <source>已更新</source>
        <translation>Updated</translation>
    </message>
    <message>
        <source>已下架</source>
        <translation>Removed</translation>
    </message>
    <message>
        <source>已撤回</source>
        <translation>Recalled</translation>
    </message>
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
    <name>NotePage</name>
    <message>
        <source>我的备注</source>
        <translation>My note</translation>
    </message>
    <message>
        <source>记下这条知识的要点</source>
        <translation>What to remember about this entry</translation>
    </message>
    <message>
        <source>只加密保存在这台电脑上，不发出。</source>
        <translation>Kept encrypted on this PC only, sent nowhere.</translation>
    </message>
</context>
<context>
    <name>OldTicketLine</name>
    <message>
        <source>旧单 {number}：本机没有</source>
        <translation>Old ticket {number}: not on this PC</translation>
    </message>
    <message>
        <source>找到旧单 {number}</source>
        <translation>Old ticket found: {number}</translation>
    </message>
    <message>
        <source>尾号相同的另有 {count} 张</source>
        <translation>{count} more end in the same digits</translation>
    </message>
    <message>
        <source>看旧单 Ctrl+F9</source>
        <translation>See it Ctrl+F9</translation>
    </message>
    <message>
        <source>看说到的旧单</source>
        <translation>See the old ticket that was named</translation>
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
    <name>PhoneKeyRow</name>
    <message>
        <source>已静音</source>
        <translation>Muted</translation>
    </message>
    <message>
        <source>静音</source>
        <translation>Mute</translation>
    </message>
    <message>
        <source>键盘</source>
        <translation>Keypad</translation>
    </message>
    <message>
        <source>拨号键盘</source>
        <translation>Keypad</translation>
    </message>
    <message>
        <source>转接</source>
        <translation>Transfer</translation>
    </message>
    <message>
        <source>转接来电</source>
        <translation>Transfer the call</translation>
    </message>
    <message>
        <source>拨号</source>
        <translation>Dial</translation>
    </message>
    <message>
        <source>拨号、回拨</source>
        <translation>Dial, call back</translation>
    </message>
    <message>
        <source>拨打号码；手上工单的来电号码已填好</source>
        <translation>Call a number; the open ticket&apos;s is filled in</translation>
    </message>
</context>
<context>
    <name>RepeatBar</name>
    <message>
        <source>另 {count} 张</source>
        <translation>{count} more</translation>
    </message>
    <message>
        <source>看另一张相近的工单</source>
        <translation>See another similar ticket</translation>
    </message>
    <message>
        <source>本单是工单 {number} 的{act}</source>
        <translation>This ticket: {act} {number}</translation>
    </message>
    <message>
        <source>{days} 天前来过</source>
        <translation>Called {days} days ago</translation>
    </message>
    <message>
        <source>今天来过</source>
        <translation>Called today</translation>
    </message>
    <message>
        <source>、</source>
        <translation>, </translation>
    </message>
    <message>
        <source>相符 {percent}%：{reasons}</source>
        <translation>fits {percent}%: {reasons}</translation>
    </message>
    <message>
        <source>同一来电号码</source>
        <translation>same line</translation>
    </message>
    <message>
        <source>同一联系电话</source>
        <translation>same phone</translation>
    </message>
    <message>
        <source>同一姓名</source>
        <translation>same name</translation>
    </message>
    <message>
        <source>同一地点</source>
        <translation>same place</translation>
    </message>
    <message>
        <source>同一事项</source>
        <translation>same item</translation>
    </message>
    <message>
        <source>同类事项</source>
        <translation>similar item</translation>
    </message>
    <message>
        <source>标题相近</source>
        <translation>similar title</translation>
    </message>
    <message>
        <source>同一对象</source>
        <translation>same subject</translation>
    </message>
    <message>
        <source>看旧单 F9</source>
        <translation>See it F9</translation>
    </message>
    <message>
        <source>看旧单</source>
        <translation>See the earlier ticket</translation>
    </message>
    <message>
        <source>作补充 F11</source>
        <translation>Add to it F11</translation>
    </message>
    <message>
        <source>这通电话作为旧单的补充</source>
        <translation>This call adds to the earlier ticket</translation>
    </message>
    <message>
        <source>作催办 F12</source>
        <translation>Press for it F12</translation>
    </message>
    <message>
        <source>这通电话作为旧单的催办</source>
        <translation>This call presses for the earlier ticket</translation>
    </message>
    <message>
        <source>取消关联</source>
        <translation>Not related</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>材料</source>
        <translation>Material</translation>
    </message>
    <message>
        <source>地点</source>
        <translation>Place</translation>
    </message>
    <message>
        <source>电话</source>
        <translation>Phone</translation>
    </message>
</context>
<context>
    <name>ShelfBar</name>
    <message>
        <source>排序和层级：{words}</source>
        <translation>Order and tier: {words}</translation>
    </message>
    <message>
        <source>本通</source>
        <translation>Call</translation>
    </message>
    <message>
        <source>收藏</source>
        <translation>Favourites</translation>
    </message>
    <message>
        <source>最近</source>
        <translation>Recent</translation>
    </message>
    <message>
        <source>本通电话推送的知识</source>
        <translation>Pushed in this call</translation>
    </message>
    <message>
        <source>收藏的知识</source>
        <translation>Favourite entries</translation>
    </message>
    <message>
        <source>最近打开的知识</source>
        <translation>Opened lately</translation>
    </message>
    <message>
        <source>按相关</source>
        <translation>By relevance</translation>
    </message>
    <message>
        <source>按更新</source>
        <translation>By update</translation>
    </message>
    <message>
        <source>按热度</source>
        <translation>By use</translation>
    </message>
    <message>
        <source>按名称</source>
        <translation>By name</translation>
    </message>
    <message>
        <source>全部层级</source>
        <translation>All tiers</translation>
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
        <source>电话接起后按 F2，用本机的声音开始听。也可以打开一段录音来演练：它会像来电一样振铃。</source>
        <translation>Once the telephone is answered, F2 begins to listen by this PC&apos;s sound. Or open a recording to rehearse: it rings like a call.</translation>
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
    <name>SummaryBox</name>
    <message>
        <source>小结（已定）</source>
        <translation>Summary (final)</translation>
    </message>
    <message>
        <source>小结（进行中）</source>
        <translation>Summary (running)</translation>
    </message>
    <message>
        <source>小结（已定，有待核）</source>
        <translation>Summary (final, unsure)</translation>
    </message>
    <message>
        <source>小结（进行中，有待核）</source>
        <translation>Summary (running, unsure)</translation>
    </message>
    <message>
        <source>复制</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>复制小结</source>
        <translation>Copy the summary</translation>
    </message>
    <message>
        <source>通话小结</source>
        <translation>Summary of the call</translation>
    </message>
</context>
<context>
    <name>TicketDetails</name>
    <message>
        <source>添加附件</source>
        <translation>Add a file</translation>
    </message>
    <message>
        <source>重发（改正 {count} 处）</source>
        <translation>Send again ({count} mended)</translation>
    </message>
    <message>
        <source>重发 Ctrl+Shift+R</source>
        <translation>Send again Ctrl+Shift+R</translation>
    </message>
    <message>
        <source>重发</source>
        <translation>Send again</translation>
    </message>
    <message>
        <source>选一张工单，这里显示详情</source>
        <translation>Choose a ticket to see its details</translation>
    </message>
    <message>
        <source>来电 {time}</source>
        <translation>Called {time}</translation>
    </message>
    <message>
        <source>提交 {time}</source>
        <translation>Submitted {time}</translation>
    </message>
    <message>
        <source>受理编号 {receipt}</source>
        <translation>Receipt {receipt}</translation>
    </message>
    <message>
        <source>（预计）</source>
        <translation> (estimated)</translation>
    </message>
    <message>
        <source>办理期限 {day}</source>
        <translation>Due {day}</translation>
    </message>
    <message>
        <source>附件 {sent}/{count} 已送达</source>
        <translation>Files {sent}/{count} delivered</translation>
    </message>
    <message>
        <source>对方说：{words}</source>
        <translation>The server says: {words}</translation>
    </message>
    <message>
        <source>已试 {count} 次，下次 {time}</source>
        <translation>Tried {count} times, next {time}</translation>
    </message>
    <message>
        <source>在要改正的值上按回车修改，改完重发；原来提交的内容留档。</source>
        <translation>Press Enter on a value to mend it, then send again. What was submitted stays on record.</translation>
    </message>
    <message>
        <source>要改正：先显示完整内容（Ctrl+I），再修改、重发。</source>
        <translation>To mend it, show all of it first (Ctrl+I), then change it and send again.</translation>
    </message>
    <message>
        <source>显示完整内容 Ctrl+I</source>
        <translation>Show all Ctrl+I</translation>
    </message>
    <message>
        <source>显示完整内容</source>
        <translation>Show all</translation>
    </message>
    <message>
        <source>显示未隐去的内容；谁看过会记入审计</source>
        <translation>Show what is masked; that you saw it goes to the audit trail</translation>
    </message>
    <message>
        <source>添加附件 Ctrl+Shift+A</source>
        <translation>Add a file Ctrl+Shift+A</translation>
    </message>
    <message>
        <source>立即发送 Ctrl+Shift+S</source>
        <translation>Send now Ctrl+Shift+S</translation>
    </message>
    <message>
        <source>立即发送</source>
        <translation>Send now</translation>
    </message>
    <message>
        <source>回拨 Ctrl+Shift+H</source>
        <translation>Call back Ctrl+Shift+H</translation>
    </message>
    <message>
        <source>回拨</source>
        <translation>Call back</translation>
    </message>
    <message>
        <source>继续处理这份草稿</source>
        <translation>Go on with this draft</translation>
    </message>
    <message>
        <source>工单内容</source>
        <translation>Ticket fields</translation>
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
        <source>把握 {percent}%</source>
        <translation>{percent} % sure</translation>
    </message>
    <message>
        <source>依据：{reasons}</source>
        <translation>because: {reasons}</translation>
    </message>
    <message>
        <source>听原音 Alt+P</source>
        <translation>listen Alt+P</translation>
    </message>
    <message>
        <source>另有 {count} 个备选 Alt+↓</source>
        <translation>{count} alternatives Alt+↓</translation>
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
    <message>
        <source>＋ 诉求</source>
        <translation>+ Matter</translation>
    </message>
    <message>
        <source>新增一件事项</source>
        <translation>Add a matter</translation>
    </message>
    <message>
        <source>－ 删除</source>
        <translation>− Remove</translation>
    </message>
    <message>
        <source>删除这件事项</source>
        <translation>Remove this matter</translation>
    </message>
</context>
<context>
    <name>Tickets</name>
    <message>
        <source>草稿</source>
        <translation>Draft</translation>
    </message>
    <message>
        <source>已保存</source>
        <translation>Kept</translation>
    </message>
    <message>
        <source>待发送</source>
        <translation>Queued</translation>
    </message>
    <message>
        <source>重试中</source>
        <translation>Retrying</translation>
    </message>
    <message>
        <source>被拒收</source>
        <translation>Refused</translation>
    </message>
    <message>
        <source>已送达</source>
        <translation>Delivered</translation>
    </message>
    <message>
        <source>预警</source>
        <translation>Due soon</translation>
    </message>
    <message>
        <source>黄牌</source>
        <translation>Yellow</translation>
    </message>
    <message>
        <source>红牌</source>
        <translation>Red</translation>
    </message>
    <message>
        <source>约{day}</source>
        <translation>about {day}</translation>
    </message>
    <message>
        <source>期限 {day}</source>
        <translation>Due {day}</translation>
    </message>
    <message>
        <source>{act} {number}</source>
        <translation>{act} {number}</translation>
    </message>
    <message>
        <source>补充</source>
        <translation>adds to</translation>
    </message>
    <message>
        <source>催办</source>
        <translation>presses for</translation>
    </message>
    <message>
        <source>中心未回报办理状态</source>
        <translation>no state reported yet</translation>
    </message>
    <message>
        <source>受理编号 {receipt}</source>
        <translation>Receipt {receipt}</translation>
    </message>
    <message>
        <source>下次 {time}</source>
        <translation>next {time}</translation>
    </message>
    <message>
        <source>（还没有标题）</source>
        <translation>(no title yet)</translation>
    </message>
</context>
<context>
    <name>TicketsButton</name>
    <message>
        <source>{count} 张未送达</source>
        <translation>{count} unsent</translation>
    </message>
    <message>
        <source>{time} 起断线</source>
        <translation>offline since {time}</translation>
    </message>
    <message>
        <source>{count} 张被拒收</source>
        <translation>{count} refused</translation>
    </message>
    <message>
        <source>我的工单</source>
        <translation>My tickets</translation>
    </message>
    <message>
        <source>没有设置工单系统（delivery.mapping），工单留在本机</source>
        <translation>No ticket system is set (delivery.mapping); tickets stay on this PC</translation>
    </message>
    <message>
        <source>自 {time} 起连不上</source>
        <translation>Not reachable since {time}</translation>
    </message>
</context>
<context>
    <name>TicketsPage</name>
    <message>
        <source>正在查找…</source>
        <translation>Searching…</translation>
    </message>
    <message>
        <source>太多了，请多写几个字</source>
        <translation>Too many: write a little more</translation>
    </message>
    <message>
        <source>没有工单</source>
        <translation>No tickets</translation>
    </message>
    <message>
        <source>{count} 条以上</source>
        <translation>more than {count}</translation>
    </message>
    <message>
        <source>{count} 条</source>
        <translation>{count}</translation>
    </message>
    <message>
        <source>全部</source>
        <translation>All</translation>
    </message>
    <message>
        <source>草稿</source>
        <translation>Draft</translation>
    </message>
    <message>
        <source>未送达</source>
        <translation>Unsent</translation>
    </message>
    <message>
        <source>被拒收</source>
        <translation>Refused</translation>
    </message>
    <message>
        <source>预警和超时</source>
        <translation>Due</translation>
    </message>
    <message>
        <source>我的工单</source>
        <translation>My tickets</translation>
    </message>
    <message>
        <source>工单号、电话、姓名、地点、事项（Ctrl+F）</source>
        <translation>Number, phone, name, place, item (Ctrl+F)</translation>
    </message>
    <message>
        <source>查找工单</source>
        <translation>Search tickets</translation>
    </message>
    <message>
        <source>筛选工单</source>
        <translation>Filter tickets</translation>
    </message>
    <message>
        <source>工单列表</source>
        <translation>Tickets</translation>
    </message>
    <message>
        <source>返回 Esc</source>
        <translation>Back Esc</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
</context>
<context>
    <name>Tiers</name>
    <message>
        <source>政策文件</source>
        <translation>Policy</translation>
    </message>
    <message>
        <source>归纳解读</source>
        <translation>Digest</translation>
    </message>
    <message>
        <source>常见问答</source>
        <translation>FAQ</translation>
    </message>
</context>
<context>
    <name>TransferWindow</name>
    <message>
        <source>转接</source>
        <translation>Transfer</translation>
    </message>
    <message>
        <source>咨询</source>
        <translation>Consult</translation>
    </message>
    <message>
        <source>三方</source>
        <translation>All three</translation>
    </message>
    <message>
        <source>转接到：分机或号码，回车</source>
        <translation>Transfer to: extension or number, Enter</translation>
    </message>
    <message>
        <source>转接到的号码</source>
        <translation>Number to transfer to</translation>
    </message>
    <message>
        <source>市民保持，先问同事，再决定转接或返回</source>
        <translation>The citizen waits, a colleague is asked first; then transfer or return</translation>
    </message>
    <message>
        <source>填入 {number}</source>
        <translation>Fill in {number}</translation>
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
<context>
    <name>WrapUpPanel</name>
    <message>
        <source>下一通  回车</source>
        <translation>Next call  Enter</translation>
    </message>
    <message>
        <source>提交  回车</source>
        <translation>Submit  Enter</translation>
    </message>
    <message>
        <source>下一通</source>
        <translation>Next call</translation>
    </message>
    <message>
        <source>提交工单</source>
        <translation>Submit the ticket</translation>
    </message>
    <message>
        <source>话后整理</source>
        <translation>Wrap-up</translation>
    </message>
    <message>
        <source>缺 {field}</source>
        <translation>Missing: {field}</translation>
    </message>
    <message>
        <source>待确认 {field}：{text}</source>
        <translation>To confirm: {field}: {text}</translation>
    </message>
    <message>
        <source>已提交 {number}</source>
        <translation>Submitted {number}</translation>
    </message>
    <message>
        <source>都齐了，回车提交</source>
        <translation>Complete: Enter submits</translation>
    </message>
    <message>
        <source>缺 {lacking} 项，待确认 {unsure} 项（F7 逐项）</source>
        <translation>{lacking} missing, {unsure} to confirm (F7)</translation>
    </message>
    <message>
        <source>约</source>
        <translation>about </translation>
    </message>
    <message>
        <source>期限 {about}{day}（{days} 个工作日）  {cards}</source>
        <translation>Due {about}{day} ({days} days)  {cards}</translation>
    </message>
    <message>
        <source>读给市民核对</source>
        <translation>Read back</translation>
    </message>
    <message>
        <source>读给市民核对的话</source>
        <translation>Words to read back to the citizen</translation>
    </message>
    <message>
        <source>市民说对 Alt+Shift+R</source>
        <translation>Agreed Alt+Shift+R</translation>
    </message>
    <message>
        <source>市民说对：采纳读过的建议</source>
        <translation>The citizen agrees: take what was read out</translation>
    </message>
    <message>
        <source>采纳这段话里标着（待核）的内容；没读到的仍要逐项看</source>
        <translation>Takes what is marked （待核） in this text; what was not read out still wants a look each</translation>
    </message>
    <message>
        <source>复制</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>复制核对的话</source>
        <translation>Copy the words to read back</translation>
    </message>
</context>
</TS>
