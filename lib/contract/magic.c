// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/magic.h"

#include "lib/base/arena.h"
#include "lib/json/json.h"

static const char octets[] = "application/octet-stream";

/* First row that fits decides: signatures at the start, and a second one at an offset if given. */
static const struct {
    struct str start;
    size_t second_at;
    struct str second;
    const char *type;
} signatures[] = {
    {STR("\xff\xd8\xff"), 0, STR_NONE, "image/jpeg"},
    {STR("\x89PNG\r\n\x1a\n"), 0, STR_NONE, "image/png"},
    {STR("GIF87a"), 0, STR_NONE, "image/gif"},
    {STR("GIF89a"), 0, STR_NONE, "image/gif"},
    {STR("RIFF"), 8, STR("WEBP"), "image/webp"},
    {STR("RIFF"), 8, STR("WAVE"), "audio/wav"},
    {STR("RIFF"), 8, STR("AVI "), "video/x-msvideo"},
    {STR("II*\0"), 0, STR_NONE, "image/tiff"},
    {STR("MM\0*"), 0, STR_NONE, "image/tiff"},
    {STR("\0\0\1\0"), 0, STR_NONE, "image/x-icon"},
    {STR("BM"), 6, STR("\0\0\0\0"), "image/bmp"},
    {STR(""), 4, STR("ftypavif"), "image/avif"},
    {STR(""), 4, STR("ftypheic"), "image/heic"},
    {STR(""), 4, STR("ftypM4A "), "audio/mp4"},
    {STR(""), 4, STR("ftypqt  "), "video/quicktime"},
    {STR(""), 4, STR("ftyp"), "video/mp4"},
    {STR("\x1a\x45\xdf\xa3"), 0, STR_NONE, "video/webm"},
    {STR("ID3"), 0, STR_NONE, "audio/mpeg"},
    {STR("OggS"), 0, STR_NONE, "audio/ogg"},
    {STR("fLaC"), 0, STR_NONE, "audio/flac"},
    {STR("%PDF-"), 0, STR_NONE, "application/pdf"},
    {STR("PK\3\4"), 30, STR("mimetypeapplication/epub+zip"), "application/epub+zip"},
    {STR("PK\3\4"), 0, STR_NONE, "application/zip"},
    {STR("PK\5\6"), 0, STR_NONE, "application/zip"},
    {STR("\x1f\x8b\x08"), 0, STR_NONE, "application/gzip"},
    {STR("BZh"), 4, STR("1AY&SY"), "application/x-bzip2"},
    {STR("\xfd"
         "7zXZ\0"),
     0, STR_NONE, "application/x-xz"},
    {STR("\x28\xb5\x2f\xfd"), 0, STR_NONE, "application/zstd"},
    {STR("7z\xbc\xaf\x27\x1c"), 0, STR_NONE, "application/x-7z-compressed"},
    {STR(""), 257, STR("ustar"), "application/x-tar"},
    {STR("wOFF"), 0, STR_NONE, "font/woff"},
    {STR("wOF2"), 0, STR_NONE, "font/woff2"},
    {STR("OTTO"), 0, STR_NONE, "font/otf"},
    {STR("\0\1\0\0"), 0, STR_NONE, "font/ttf"},
    {STR("\0asm"), 0, STR_NONE, "application/wasm"},
};

/* Other names under which types go. */
static const struct {
    const char *name, *type;
} aliases[] = {
    {"image/jpg", "image/jpeg"},
    {"image/vnd.microsoft.icon", "image/x-icon"},
    {"audio/x-wav", "audio/wav"},
    {"audio/mp3", "audio/mpeg"},
    {"application/x-pdf", "application/pdf"},
    {"application/x-zip-compressed", "application/zip"},
    {"application/x-gzip", "application/gzip"},
    {"application/x-bzip", "application/x-bzip2"},
    {"text/xml", "application/xml"},
    {"text/json", "application/json"},
};

static bool has_at(struct str bytes, size_t at, struct str wanted)
{
    return bytes.len >= at && str_starts(str_sub(bytes, at, bytes.len - at), wanted);
}

static const char *by_signature(struct str bytes)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        bool second = signatures[i].second.len == 0 ||
                      has_at(bytes, signatures[i].second_at, signatures[i].second);
        if (str_starts(bytes, signatures[i].start) && second) {
            return signatures[i].type;
        }
    }
    return NULL;
}

/* Control characters that no text has; white space and escape sequences it may. */
static bool is_text(struct str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if (c < 0x20 && !(c >= '\t' && c <= '\r') && c != 0x1b) {
            return false;
        }
    }
    return bytes.len > 0 && str_is_utf8(bytes, NULL);
}

static bool is_json(struct str text)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *tree = NULL;
    return json_parse(text, NULL, arena, &tree, NULL) == 0;
}

static bool starts_with(struct str text, struct str prefix)
{
    return text.len >= prefix.len && str_eq_nocase(str_sub(text, 0, prefix.len), prefix);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static const char *by_text(struct str text)
{
    if (str_starts(text, STR("\xef\xbb\xbf"))) {
        text = str_sub(text, 3, text.len - 3);
    }
    text = str_trim(text);
    bool container = text.len > 0 && (text.ptr[0] == '{' || text.ptr[0] == '[');
    if (starts_with(text, STR("<!doctype html")) || starts_with(text, STR("<html"))) {
        return "text/html";
    }
    if (str_starts(text, STR("<svg"))) {
        return "image/svg+xml";
    }
    if (str_starts(text, STR("<?xml")) ||
        (text.len > 2 && text.ptr[0] == '<' && is_letter(text.ptr[1]) &&
         text.ptr[text.len - 1] == '>')) {
        return "application/xml";
    }
    return container && is_json(text) ? "application/json" : "text/plain";
}

const char *magic_type(struct str bytes)
{
    const char *type = by_signature(bytes);
    return type ? type : is_text(bytes) ? by_text(bytes) : octets;
}

static struct str usual_name(struct str type)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (str_eq_nocase(type, str_of(aliases[i].name))) {
            return str_of(aliases[i].type);
        }
    }
    return type;
}

bool magic_is(struct str bytes, struct str type)
{
    struct str base = str_trim(str_cut(&type, ';'));
    struct str wanted = usual_name(base), found = str_of(magic_type(bytes));
    if (str_is(found, "text/plain") && str_eq_nocase(wanted, STR("application/json"))) {
        return is_json(bytes);
    }
    return str_eq_nocase(found, wanted);
}
