"""The mapping file of a centre: where tickets go, in which form, and how the answer is to be read. Documented in docs/delivery.md.

``read_mapping`` checks the whole file before anything is sent; every error names file and key (``app.delivery.form``). Secrets
never stand in it: it names them, and the PC's keyring holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.delivery.form import Form, read_form
from app.delivery.scope import message_vocabulary, vocabulary
from app.delivery.template import Enumeration, Template, TextTemplate, Vocabulary, compile_template, compile_text
from app.domain.catalogue import FieldTable

FORMAT = 1
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FORBIDDEN_HEADERS = frozenset({"content-length", "host", "transfer-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Rule:
    """An answer matches where its status is one of ``status`` (any where empty) and the value at ``path`` is one of ``among``."""

    status: frozenset[int] = frozenset()
    path: str = ""
    among: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """How an answer is read. ``receipt`` and ``message`` are paths of keys ("data.orderNo"), empty for none."""

    accept: Rule | None
    duplicate: Rule | None
    refuse: Rule | None
    retry: Rule | None
    receipt: str
    message: str
    any_2xx: bool


@dataclass(frozen=True, slots=True)
class RequestForm:
    """One kind of request. ``encoding`` is json, form or multipart."""

    url: TextTemplate
    address: str
    method: str
    headers: Mapping[str, TextTemplate]
    idempotency_header: str
    encoding: str
    payload: Template
    payload_part: str
    file_part: str


@dataclass(frozen=True, slots=True)
class Auth:
    """How the program shows who it is; ``secret`` names an entry of the keyring. Fields of other kinds are empty."""

    kind: str = "none"
    user: str = ""
    secret: str = ""
    algorithm: str = "sha256"
    encoding: str = "hex"
    signed: str = ""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Network: certificates, proxy, patience."""

    ca_file: Path | None
    certificate: Path | None
    key_file: Path | None
    key_secret: str
    proxy: str
    connect_s: float
    read_s: float
    whole_s: float


@dataclass(frozen=True, slots=True)
class HttpMapping:
    """Tickets go to a web server."""

    name: str
    ticket: RequestForm
    child: RequestForm | None
    attachment: RequestForm | None
    attachments_inline: bool
    check: RequestForm | None
    answer: AnswerRules
    auth: Auth
    line: Line


@dataclass(frozen=True, slots=True)
class FolderMapping:
    """Tickets go into a folder as files that another program takes."""

    name: str
    folder: Path
    kind: str
    encoding: str
    delimiter: str
    guard_formulas: bool
    columns: tuple[tuple[str, TextTemplate], ...]
    attachments: bool


def read_mapping(path: Path, table: FieldTable) -> HttpMapping | FolderMapping:
    """The mapping in a file.

    Args:
        path: the file; other files that it names are beside it where their path is not absolute.
        table: the field table, whose names may stand in templates.

    Raises:
        OperatorVisibleError: ``delivery.mapping_…`` naming line or key.
        EnvironmentFault: the file cannot be read.
    """
    form = read_form(path)
    if form.number("format", 0) != FORMAT:
        raise form.wrong("format", "format", known=FORMAT)
    kind = form.text("kind", choices=("http", "folder"))
    words = vocabulary(table, _enumerations(form))
    mapping = _http(form, words, path.parent) if kind == "http" else _folder(form, words, path.parent)
    form.done()
    return mapping


def _enumerations(form: Form) -> Mapping[str, Enumeration]:
    values = form.form("values")
    if values is None:
        return {}
    found: dict[str, Enumeration] = {}
    for name in values.keys():  # noqa: SIM118 (not a dict: it marks the names as asked for)
        table = values.needed(name)
        found[name] = {key: table.any(key) for key in table.keys()}  # noqa: SIM118
        for key, value in found[name].items():
            if isinstance(value, dict | list):
                raise table.wrong(key, "kind", wanted="text, number, true, false, null")
    return found


def _http(form: Form, words: Vocabulary, folder: Path) -> HttpMapping:
    omit_empty, plain = form.flag("omit_empty", False), form.flag("allow_plain_http", False)
    ticket = _request(form.needed("request"), words, omit_empty, plain)
    children, child = form.form("children"), None
    if children is not None and children.text("as", choices=("nested", "own")) == "own":
        child = _request(children.needed("request"), words, omit_empty, plain)
    if children is not None:
        children.done()
    attachment, inline = _attachments(form, words, omit_empty, plain)
    check = form.form("check")
    checked = _request(check, words, omit_empty, plain, default_method="GET") if check is not None else None
    return HttpMapping(form.text("name"), ticket, child, attachment, inline, checked, _answer(form.needed("answer")),
                       _auth(form.form("auth")), _line(form, folder))


def _attachments(form: Form, words: Vocabulary, omit_empty: bool, plain: bool) -> tuple[RequestForm | None, bool]:
    held = form.form("attachments")
    if held is None:
        return None, False
    how = held.text("as", choices=("none", "inline", "own"))
    request = _request(held.needed("request"), words, omit_empty, plain) if how == "own" else None
    held.done()
    return request, how == "inline"


def _request(form: Form, words: Vocabulary, omit_empty: bool, plain: bool, default_method: str = "POST") -> RequestForm:
    address = form.text("url")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{{" in (parts.netloc or ""):
        raise form.wrong("url", "url")
    if parts.username or parts.password:
        raise form.wrong("url", "secret_inside")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not plain:
        raise form.wrong("url", "plain_http")
    method = form.text("method", default_method, choices=("POST", "PUT", "PATCH", "GET"))
    outside = message_vocabulary()
    headers: dict[str, TextTemplate] = {}
    if (given := form.form("headers")) is not None:
        for key in given.keys():  # noqa: SIM118
            if key.lower() in _FORBIDDEN_HEADERS or not key.replace("-", "").replace("_", "").isalnum() or not key.isascii():
                raise given.wrong(key, "header")
            if key.lower() in ("authorization", "proxy-authorization", "cookie"):
                raise given.wrong(key, "secret_inside")
            value = given.text(key)
            if not value.isprintable() or not value.isascii():
                raise given.wrong(key, "header")
            headers[key] = compile_text(value, given.at(key), outside, form)
    payload = form.any("payload") if method != "GET" else None
    request = RequestForm(
        compile_text(address, form.at("url"), outside, form), address, method, headers,
        form.text("idempotency_header", "Idempotency-Key"), form.text("encoding", "json", choices=("json", "form", "multipart")),
        compile_template(payload, form.at("payload"), words, form, omit_empty), form.text("payload_part", ""),
        form.text("file_part", "files"))
    if request.encoding != "json" and method != "GET" and not isinstance(payload, dict):
        raise form.wrong("payload", "kind", wanted="{…}")
    form.done()
    return request


def _answer(form: Form) -> AnswerRules:
    rules = AnswerRules(_rule(form.form("accept")), _rule(form.form("duplicate")), _rule(form.form("refuse")),
                        _rule(form.form("retry")), form.text("receipt", ""), form.text("message", ""), form.flag("any_2xx", False))
    if rules.accept is None and not rules.receipt and not rules.any_2xx:
        raise form.wrong("accept", "no_proof")
    form.done()
    return rules


def _rule(form: Form | None) -> Rule | None:
    if form is None:
        return None
    rule = Rule(form.whole_numbers("status"), form.text("path", ""), form.scalars("in"))
    if bool(rule.path) != bool(rule.among) or not (rule.path or rule.status):
        raise form.wrong("path", "rule")
    form.done()
    return rule


def _auth(form: Form | None) -> Auth:
    if form is None:
        return Auth()
    kind = form.text("type", choices=("none", "basic", "bearer", "hmac", "client_certificate"))
    auth = Auth(kind)
    if kind == "basic":
        auth = Auth(kind, user=form.text("user"), secret=form.text("secret"))
    elif kind == "bearer":
        auth = Auth(kind, secret=form.text("secret"))
    elif kind == "hmac":
        auth = _hmac(form)
    form.done()
    return auth


_SIGNED = ("method", "path", "query", "host", "timestamp", "timestamp_ms", "nonce", "body", "body_sha256", "body_md5_base64",
           "idempotency_key", "user")


def _hmac(form: Form) -> Auth:
    signed = form.text("signed", "{method}\n{path}\n{timestamp}\n{nonce}\n{body_sha256}")
    headers = form.needed("headers")
    held = {key: headers.text(key) for key in headers.keys()}  # noqa: SIM118
    example = dict.fromkeys(_SIGNED, "")
    for key, text in [("signed", signed), *((f"headers.{name}", value) for name, value in held.items())]:
        try:
            text.format_map(example if key == "signed" else {**example, "signature": ""})
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise form.wrong(key, "signed", known=", ".join((*_SIGNED, "signature"))) from error
    if not any("{signature}" in value for value in held.values()):
        raise form.wrong("headers", "no_signature")
    return Auth("hmac", user=form.text("user", ""), secret=form.text("secret"),
                algorithm=form.text("algorithm", "sha256", choices=("sha256", "sha512", "sha1", "sm3")),
                encoding=form.text("encoding", "hex", choices=("hex", "base64")), signed=signed, headers=held)


def _line(form: Form, folder: Path) -> Line:
    tls, timeouts = form.form("tls"), form.form("timeouts")
    ca_file = certificate = key_file = None
    key_secret = ""
    if tls is not None:
        ca_file, certificate, key_file = (_file(tls, key, folder) for key in ("ca_file", "certificate", "key_file"))
        key_secret = tls.text("key_secret", "")
        tls.done()
    connect_s, read_s, whole_s = 10.0, 30.0, 90.0
    if timeouts is not None:
        connect_s, read_s, whole_s = (timeouts.number(key, usual, 0.05, 600) for key, usual in
                                      (("connect_s", connect_s), ("read_s", read_s), ("whole_s", whole_s)))
        timeouts.done()
    proxy = form.text("proxy", "system")
    if proxy not in ("system", "none"):
        parts = urlsplit(proxy)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise form.wrong("proxy", "url")
        if parts.username or parts.password:
            raise form.wrong("proxy", "secret_inside")
    return Line(ca_file, certificate, key_file, key_secret, proxy, connect_s, read_s, whole_s)


def _file(form: Form, key: str, folder: Path) -> Path | None:
    named = form.text(key, "")
    if not named:
        return None
    path = folder / named
    if not path.is_file():
        raise form.wrong(key, "file_missing", found=named)
    return path


def _folder(form: Form, words: Vocabulary, beside: Path) -> FolderMapping:
    columns_form = form.needed("columns")
    columns = tuple((title, compile_text(columns_form.text(title), columns_form.at(title), words, form))
                    for title in columns_form.keys())  # noqa: SIM118
    if not columns:
        raise form.wrong("columns", "key_missing")
    delimiter = form.text("delimiter", ",", choices=(",", ";", "\t"))
    return FolderMapping(form.text("name"), beside / form.text("folder"), form.text("file", "csv", choices=("csv", "xlsx")),
                         form.text("encoding", "utf-8-sig", choices=("utf-8-sig", "utf-8", "gb18030")), delimiter,
                         form.flag("guard_formulas", True), columns, form.flag("attachments", False))
