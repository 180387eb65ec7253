"""Labels of ticket fields in the window's language.

The field table is the customer's and in Chinese; its labels are listed here so that the translation tool finds them. A
label that nobody translated (a customer's own field) is shown as the table has it.
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.domain.catalogue import FieldSpec

KNOWN_LABELS = (
    QT_TRANSLATE_NOOP("Fields", "诉求人姓名"), QT_TRANSLATE_NOOP("Fields", "称谓/性别"),
    QT_TRANSLATE_NOOP("Fields", "诉求人类型"), QT_TRANSLATE_NOOP("Fields", "企业/组织名称"),
    QT_TRANSLATE_NOOP("Fields", "统一社会信用代码"), QT_TRANSLATE_NOOP("Fields", "联系电话"),
    QT_TRANSLATE_NOOP("Fields", "备用电话"), QT_TRANSLATE_NOOP("Fields", "证件类型"),
    QT_TRANSLATE_NOOP("Fields", "证件号码"), QT_TRANSLATE_NOOP("Fields", "诉求人住址"),
    QT_TRANSLATE_NOOP("Fields", "是否匿名"), QT_TRANSLATE_NOOP("Fields", "是否保密"),
    QT_TRANSLATE_NOOP("Fields", "方便接听部门电话"), QT_TRANSLATE_NOOP("Fields", "是否回访"),
    QT_TRANSLATE_NOOP("Fields", "是否同意公开"), QT_TRANSLATE_NOOP("Fields", "诉求类型"),
    QT_TRANSLATE_NOOP("Fields", "事项分类编码"), QT_TRANSLATE_NOOP("Fields", "诉求标题"),
    QT_TRANSLATE_NOOP("Fields", "诉求内容"), QT_TRANSLATE_NOOP("Fields", "诉求要求"),
    QT_TRANSLATE_NOOP("Fields", "事发时间(原话)"), QT_TRANSLATE_NOOP("Fields", "事发时间起"),
    QT_TRANSLATE_NOOP("Fields", "时间精度"), QT_TRANSLATE_NOOP("Fields", "市"),
    QT_TRANSLATE_NOOP("Fields", "区县"), QT_TRANSLATE_NOOP("Fields", "街道/镇"),
    QT_TRANSLATE_NOOP("Fields", "社区/村居"), QT_TRANSLATE_NOOP("Fields", "详细地址"),
    QT_TRANSLATE_NOOP("Fields", "参照物"), QT_TRANSLATE_NOOP("Fields", "被反映对象"),
    QT_TRANSLATE_NOOP("Fields", "车牌号"), QT_TRANSLATE_NOOP("Fields", "订单/案件号"),
    QT_TRANSLATE_NOOP("Fields", "关联工单号"), QT_TRANSLATE_NOOP("Fields", "涉及金额(元)"),
    QT_TRANSLATE_NOOP("Fields", "涉及人数"), QT_TRANSLATE_NOOP("Fields", "紧急程度"),
    QT_TRANSLATE_NOOP("Fields", "标签"), QT_TRANSLATE_NOOP("Fields", "主办单位"),
    QT_TRANSLATE_NOOP("Fields", "办结时限"), QT_TRANSLATE_NOOP("Fields", "审核时限"),
)

# The form's column is narrow: long names of the table in a shorter form (Chinese source, so that both languages have one).
SHORT_LABELS = {
    "诉求人姓名": QT_TRANSLATE_NOOP("ShortFields", "姓名"), "称谓/性别": QT_TRANSLATE_NOOP("ShortFields", "称谓"),
    "诉求人类型": QT_TRANSLATE_NOOP("ShortFields", "主体类型"), "企业/组织名称": QT_TRANSLATE_NOOP("ShortFields", "单位名称"),
    "统一社会信用代码": QT_TRANSLATE_NOOP("ShortFields", "信用代码"), "诉求人住址": QT_TRANSLATE_NOOP("ShortFields", "住址"),
    "方便接听部门电话": QT_TRANSLATE_NOOP("ShortFields", "部门来电"), "是否匿名": QT_TRANSLATE_NOOP("ShortFields", "匿名"),
    "是否保密": QT_TRANSLATE_NOOP("ShortFields", "保密"), "是否回访": QT_TRANSLATE_NOOP("ShortFields", "回访"),
    "是否同意公开": QT_TRANSLATE_NOOP("ShortFields", "公开"), "事项分类编码": QT_TRANSLATE_NOOP("ShortFields", "事项"),
    "事发时间(原话)": QT_TRANSLATE_NOOP("ShortFields", "事发时间"), "事发时间起": QT_TRANSLATE_NOOP("ShortFields", "时间起"),
    "街道/镇": QT_TRANSLATE_NOOP("ShortFields", "街道"), "社区/村居": QT_TRANSLATE_NOOP("ShortFields", "社区"),
    "被反映对象": QT_TRANSLATE_NOOP("ShortFields", "反映对象"), "订单/案件号": QT_TRANSLATE_NOOP("ShortFields", "订单号"),
    "关联工单号": QT_TRANSLATE_NOOP("ShortFields", "关联工单"), "涉及金额(元)": QT_TRANSLATE_NOOP("ShortFields", "金额(元)"),
    "诉求标题": QT_TRANSLATE_NOOP("ShortFields", "标题"), "诉求内容": QT_TRANSLATE_NOOP("ShortFields", "内容"),
    "诉求要求": QT_TRANSLATE_NOOP("ShortFields", "要求"),
}


def full_label(label: str) -> str:
    """A table's label in the window's language."""
    return QCoreApplication.translate("Fields", label)


def short_label(label: str) -> str:
    """A table's label for narrow places."""
    short = SHORT_LABELS.get(label)
    return QCoreApplication.translate("ShortFields", str(short)) if short else full_label(label)


def field_label(spec: FieldSpec) -> str:
    """The field's label for the form, short where the table's is long."""
    return short_label(spec.label)
