// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/media.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/wire/headers.h"

/* Like str_cut, but a separator inside a quoted string does not count (RFC 9110 §5.6.4). */
static struct str cut_unquoted(struct str *rest, char sep)
{
    struct str all = *rest;
    bool quoted = false;

    if (str_chr(all, '"') < 0)
        return str_cut(rest, sep);
    for (size_t i = 0; i < all.len; i++) {
        char c = all.ptr[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == sep && !quoted) {
            *rest = str_make(all.ptr + i + 1, all.len - i - 1);
            return str_make(all.ptr, i);
        }
    }
    *rest = STR_NONE;
    return all;
}

static int unquote(struct str text, struct arena *arena, struct str *ret, struct err *err)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0, i = 1;

    for (; i < text.len && text.ptr[i] != '"'; i++) {
        if (text.ptr[i] == '\\' && i + 1 < text.len)
            i++;
        out[len++] = text.ptr[i];
    }
    if (i + 1 != text.len)
        return err_set(err, ERR_PARSE, "a media type parameter has a badly quoted value");
    *ret = str_make(out, len);
    return 0;
}

static int parse_param(struct str text, struct arena *arena, struct media *media, struct err *err)
{
    struct str value = text;
    struct str name = str_cut(&value, '=');
    struct media_param param;

    if (!value.ptr || !headers_name_ok(name))
        return err_set(err, ERR_PARSE, "media type parameter '%.*s' is not name=value",
                       STR_FMT(text));
    param.name = str_lower(arena, name);
    if (str_starts(value, STR("\""))) {
        int rc = unquote(value, arena, &param.value, err);
        if (rc < 0)
            return rc;
    } else if (headers_name_ok(value)) {
        param.value = value;
    } else {
        return err_set(err, ERR_PARSE, "media type parameter '%.*s' has a malformed value",
                       STR_FMT(text));
    }
    *VEC_PUSH(arena, &media->params) = param;
    return 0;
}

int media_parse(struct str text, struct arena *arena, struct media *ret, struct err *err)
{
    struct str rest = text;
    struct str subtype = str_trim(cut_unquoted(&rest, ';'));
    struct str type = str_cut(&subtype, '/');
    struct media media = {0};

    if (!subtype.ptr || !headers_name_ok(type) || !headers_name_ok(subtype))
        return err_set(err, ERR_PARSE, "'%.*s' is not a media type (type/subtype)",
                       STR_FMT(str_sub(text, 0, 80)));
    media.type = str_lower(arena, type);
    media.subtype = str_lower(arena, subtype);
    for (size_t i = media.subtype.len; i > 0; i--) {
        if (media.subtype.ptr[i - 1] == '+') {
            media.suffix = str_sub(media.subtype, i, media.subtype.len);
            break;
        }
    }
    while (rest.ptr) {
        struct str param = str_trim(cut_unquoted(&rest, ';'));
        if (param.len == 0)
            continue; /* RFC 9110 §5.6.6 allows empty parameters */
        int rc = parse_param(param, arena, &media, err);
        if (rc < 0)
            return rc;
    }
    *ret = media;
    return 0;
}

/*
 * First row that fits decides; a subtype ending in '*' is a prefix, NULL is any. Source: the kinds
 * that Pact bodies are compared as. application/graphql is text here, because a GraphQL document is
 * not JSON.
 */
static const struct {
    const char *type, *subtype, *suffix;
    enum media_kind kind;
} kinds[] = {
    {"multipart", NULL, NULL, MEDIA_MULTIPART},
    {"application", "x-www-form-urlencoded", NULL, MEDIA_FORM},
    {"application", "json*", NULL, MEDIA_JSON},
    {NULL, NULL, "json", MEDIA_JSON},
    {"application", "xml", NULL, MEDIA_XML},
    {"text", "xml", NULL, MEDIA_XML},
    {NULL, NULL, "xml", MEDIA_XML},
    {"audio", NULL, NULL, MEDIA_BINARY},
    {"font", NULL, NULL, MEDIA_BINARY},
    {"image", NULL, NULL, MEDIA_BINARY},
    {"video", NULL, NULL, MEDIA_BINARY},
    {"application", "graphql", NULL, MEDIA_TEXT},
    {"application", "javascript", NULL, MEDIA_TEXT},
    {"application", "x-javascript", NULL, MEDIA_TEXT},
    {"application", "ecmascript", NULL, MEDIA_TEXT},
    {"application", "yaml", NULL, MEDIA_TEXT},
    {"application", "x-yaml", NULL, MEDIA_TEXT},
    {"application", "toml", NULL, MEDIA_TEXT},
    {"application", "sql", NULL, MEDIA_TEXT},
    {"application", "x-ndjson", NULL, MEDIA_TEXT},
    {"application", "jwt", NULL, MEDIA_TEXT},
    {NULL, NULL, "yaml", MEDIA_TEXT},
    {"application", NULL, NULL, MEDIA_BINARY},
};

static bool fits(struct str text, const char *pattern)
{
    if (!pattern)
        return true;
    size_t len = strlen(pattern);
    if (pattern[len - 1] == '*')
        return str_starts(text, str_make(pattern, len - 1));
    return str_is(text, pattern);
}

enum media_kind media_kind(const struct media *media)
{
    if (!media_known(media))
        return MEDIA_UNKNOWN;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (fits(media->type, kinds[i].type) && fits(media->subtype, kinds[i].subtype) &&
            fits(media->suffix, kinds[i].suffix))
            return kinds[i].kind;
    }
    return MEDIA_TEXT;
}

bool media_known(const struct media *media)
{
    return media->type.ptr && media->subtype.ptr;
}

struct str media_param(const struct media *media, const char *name)
{
    VEC_EACH(&media->params, const struct media_param *, param) {
        if (str_is(param->name, name))
            return param->value;
    }
    return STR_NONE;
}

struct str media_base(const struct media *media, struct arena *arena)
{
    if (!media_known(media))
        return STR_NONE;
    return str_printf(arena, "%.*s/%.*s", STR_FMT(media->type), STR_FMT(media->subtype));
}

enum { SNIFF_LEN = 32 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static struct str skip_space(struct str text)
{
    while (text.len > 0 && is_space(text.ptr[0]))
        text = str_sub(text, 1, text.len);
    return text;
}

static bool starts_nocase(struct str text, struct str prefix)
{
    return text.len >= prefix.len && str_eq_nocase(str_sub(text, 0, prefix.len), prefix);
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool looks_like_xml_declaration(struct str text)
{
    if (!str_starts(text, STR("<?xml")))
        return false;
    return str_starts(skip_space(str_sub(text, 5, text.len)), STR("version"));
}

static bool looks_like_json(struct str text)
{
    if (str_starts(text, STR("true")) || str_starts(text, STR("false")) ||
        str_starts(text, STR("null")) || str_starts(text, STR("[")) || str_starts(text, STR("\"")))
        return true;
    if (text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9')
        return true;
    if (!str_starts(text, STR("{")))
        return false;
    struct str inner = skip_space(str_sub(text, 1, text.len));
    return inner.len > 0 && (inner.ptr[0] == '"' || inner.ptr[0] == '}');
}

/* The cut at SNIFF_LEN bytes may fall inside a character; that is no reason to call it binary. */
static bool is_text(struct str start, bool cut)
{
    size_t bad_at = 0;

    if (str_is_utf8(start, &bad_at))
        return true;
    if (!cut || start.len - bad_at > 3)
        return false;
    unsigned char lead = (unsigned char)start.ptr[bad_at];
    size_t needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (lead > 0xf4 || needed <= start.len - bad_at)
        return false;
    for (size_t i = bad_at + 1; i < start.len; i++) {
        if (((unsigned char)start.ptr[i] & 0xc0) != 0x80)
            return false;
    }
    return true;
}

struct media media_sniff(struct str body)
{
    struct str start = str_sub(body, 0, SNIFF_LEN);
    struct str text = skip_space(start);

    if (!is_text(start, body.len > start.len))
        return (struct media){0};
    if (looks_like_xml_declaration(text))
        return (struct media){.type = STR("application"), .subtype = STR("xml")};
    if (starts_nocase(text, STR("<!DOCTYPE")) || starts_nocase(text, STR("<HTML>")))
        return (struct media){.type = STR("text"), .subtype = STR("html")};
    if (text.len > 1 && text.ptr[0] == '<' && is_word_char(text.ptr[1]))
        return (struct media){.type = STR("application"), .subtype = STR("xml")};
    if (looks_like_json(text))
        return (struct media){.type = STR("application"), .subtype = STR("json")};
    return (struct media){.type = STR("text"), .subtype = STR("plain")};
}

/* RFC 9110 §12.4.2 in thousandths; -1 when malformed. */
static int parse_weight(struct str text)
{
    int weight = 0, scale = 100;

    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
        (text.len > 1 && text.ptr[1] != '.'))
        return -1;
    weight = (text.ptr[0] - '0') * 1000;
    for (size_t i = 2; i < text.len; i++, scale /= 10) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        weight += (text.ptr[i] - '0') * scale;
    }
    return weight <= 1000 ? weight : -1;
}

static bool has_param(struct str params, struct str wanted)
{
    while (params.ptr) {
        if (str_eq_nocase(str_trim(cut_unquoted(&params, ';')), wanted))
            return true;
    }
    return false;
}

/*
 * How closely a range names the offer: 0 not at all, 1 all types, 2 "type" and any subtype,
 * 3 both, plus one per parameter.
 */
static int range_closeness(struct str range, struct str offer, int *ret_weight)
{
    struct str params = range, offer_params = offer;
    struct str whole = str_trim(cut_unquoted(&params, ';'));
    struct str base = str_trim(cut_unquoted(&offer_params, ';'));
    struct str subtype = whole, offer_type = base;
    struct str type = str_cut(&subtype, '/');
    int closeness = 0, weight = 1000;

    if (str_is(type, "*") && str_is(subtype, "*"))
        closeness = 1;
    else if (str_is(subtype, "*") && str_eq_nocase(type, str_cut(&offer_type, '/')))
        closeness = 2;
    else if (str_eq_nocase(whole, base))
        closeness = 3;
    else
        return 0;
    while (params.ptr) {
        struct str param = str_trim(cut_unquoted(&params, ';'));
        if (starts_nocase(param, STR("q="))) {
            weight = parse_weight(str_sub(param, 2, param.len));
            break; /* what follows are accept extensions, not parameters */
        }
        if (param.len > 0 && !has_param(offer_params, param))
            return 0;
        closeness += param.len > 0;
    }
    if (weight < 0)
        return 0;
    *ret_weight = weight;
    return closeness;
}

static int offer_weight(struct str accept, struct str offer)
{
    int best = 0, result = 0;

    while (accept.ptr) {
        struct str range = str_trim(cut_unquoted(&accept, ','));
        int weight = 0;
        int closeness = range_closeness(range, offer, &weight);
        if (closeness > best) {
            best = closeness;
            result = weight;
        }
    }
    return result;
}

/* Whether the client names `a` before `b`, in the order of its list. */
static bool named_before(struct str accept, struct str a, struct str b)
{
    while (accept.ptr) {
        struct str range = str_trim(cut_unquoted(&accept, ','));
        int weight = 0;
        if (range_closeness(range, b, &weight) > 0)
            return false;
        if (range_closeness(range, a, &weight) > 0)
            return true;
    }
    return false;
}

int media_negotiate(struct str accept, const char *const *offers, size_t n)
{
    int best = -1, best_weight = 0;

    accept = str_trim(accept);
    if (n == 0)
        return -1;
    if (accept.len == 0 || str_eq_nocase(accept, str_of(offers[0])))
        return 0;
    for (size_t i = 0; i < n; i++) {
        struct str offer = str_of(offers[i]);
        int weight = offer_weight(accept, offer);
        if (weight > best_weight || (weight == best_weight && best >= 0 &&
                                     named_before(accept, offer, str_of(offers[best])))) {
            best = (int)i;
            best_weight = weight;
        }
    }
    return best;
}
