// What the mail reader needs of GMime, as functions: Swift sees neither GObject's macros nor its casts.
#ifndef ZENTRA_CGMIME_SHIM_H
#define ZENTRA_CGMIME_SHIM_H

#include <gmime/gmime.h>

typedef enum { CGMimePart, CGMimeMultipart, CGMimeMessage, CGMimeOther } CGMimeKind;

// The message in a file; takes the descriptor over. The content stays in the file. NULL when there is none.
static inline GMimeMessage *cgmime_parse(int descriptor) {
    GMimeStream *stream = g_mime_stream_fs_new(descriptor);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    // Header fields without a charset of their own.
    const char *charsets[] = {"utf-8", "windows-1252", NULL};
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, charsets);
    GMimeMessage *message = g_mime_parser_construct_message(parser, options);
    g_mime_parser_options_free(options);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

static inline void cgmime_release(GMimeMessage *message) { g_object_unref(message); }

static inline GMimeObject *cgmime_root(GMimeMessage *message) { return g_mime_message_get_mime_part(message); }

// A header of the message, decoded; NULL when it is absent.
static inline const char *cgmime_header(GMimeMessage *message, const char *name) {
    return g_mime_object_get_header(GMIME_OBJECT(message), name);
}

// A header of the message as it was sent, with its folds; NULL when it is absent.
static inline const char *cgmime_raw_header(GMimeMessage *message, const char *name) {
    GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
    GMimeHeader *header = g_mime_header_list_get_header(headers, name);
    return header == NULL ? NULL : g_mime_header_get_raw_value(header);
}

// The addresses of a list, those of groups too, one a line.
static inline void cgmime_append_addresses(InternetAddressList *list, GString *text, int depth) {
    for (int index = 0; list != NULL && index < internet_address_list_length(list); index++) {
        InternetAddress *address = internet_address_list_get_address(list, index);
        if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
            const char *mailbox = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
            if (mailbox != NULL) g_string_append_printf(text, "%s\n", mailbox);
        } else if (INTERNET_ADDRESS_IS_GROUP(address) && depth < 8) {
            InternetAddressGroup *group = INTERNET_ADDRESS_GROUP(address);
            cgmime_append_addresses(internet_address_group_get_members(group), text, depth + 1);
        }
    }
}

// The addresses of a header of the message; owned by the caller: g_free.
static inline char *cgmime_header_addresses(GMimeMessage *message, GMimeAddressType type) {
    GString *text = g_string_new(NULL);
    cgmime_append_addresses(g_mime_message_get_addresses(message, type), text, 0);
    return g_string_free(text, FALSE);
}

// The addresses in the value of a header field; owned by the caller: g_free.
static inline char *cgmime_addresses(const char *value) {
    GString *text = g_string_new(NULL);
    InternetAddressList *list = internet_address_list_parse(NULL, value);
    cgmime_append_addresses(list, text, 0);
    if (list != NULL) g_object_unref(list);
    return g_string_free(text, FALSE);
}

// A parameter of a Content-Disposition (RFC 2231), decoded; owned by the caller: g_free. NULL when it is absent.
static inline char *cgmime_disposition_parameter(const char *value, const char *name) {
    GMimeContentDisposition *disposition = g_mime_content_disposition_parse(NULL, value);
    char *text = g_strdup(g_mime_content_disposition_get_parameter(disposition, name));
    g_object_unref(disposition);
    return text;
}

static inline CGMimeKind cgmime_kind(GMimeObject *object) {
    if (GMIME_IS_MULTIPART(object)) return CGMimeMultipart;
    if (GMIME_IS_MESSAGE_PART(object)) return CGMimeMessage;
    if (GMIME_IS_PART(object)) return CGMimePart;
    return CGMimeOther;
}

static inline int cgmime_count(GMimeObject *multipart) {
    return g_mime_multipart_get_count(GMIME_MULTIPART(multipart));
}

static inline GMimeObject *cgmime_child(GMimeObject *multipart, int index) {
    return g_mime_multipart_get_part(GMIME_MULTIPART(multipart), index);
}

// "text/plain", owned by the caller: g_free.
static inline char *cgmime_type(GMimeObject *object) {
    GMimeContentType *type = g_mime_object_get_content_type(object);
    return type == NULL ? NULL : g_mime_content_type_get_mime_type(type);
}

static inline const char *cgmime_charset(GMimeObject *object) {
    return g_mime_object_get_content_type_parameter(object, "charset");
}

static inline const char *cgmime_file_name(GMimeObject *object) {
    if (GMIME_IS_PART(object)) return g_mime_part_get_filename(GMIME_PART(object));
    const char *name = g_mime_object_get_content_disposition_parameter(object, "filename");
    return name != NULL ? name : g_mime_object_get_content_type_parameter(object, "name");
}

// NULL when the part has none.
static inline const char *cgmime_content_id(GMimeObject *object) { return g_mime_object_get_content_id(object); }

static inline gboolean cgmime_is_attachment(GMimeObject *object) {
    const char *disposition = g_mime_object_get_disposition(object);
    return disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0;
}

// Where an attached message begins in the file of the whole mail; -1 when it is not known.
static inline gint64 cgmime_message_offset(GMimeObject *object) {
    GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (message == NULL) return -1;
    GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
    if (g_mime_header_list_get_count(headers) == 0) return -1;
    return g_mime_header_get_offset(g_mime_header_list_get_header_at(headers, 0));
}

// NULL when the multipart has none.
static inline const char *cgmime_boundary(GMimeObject *multipart) {
    return g_mime_multipart_get_boundary(GMIME_MULTIPART(multipart));
}

// Writes the decoded content of a part, or an attached message as GMime writes it; takes the descriptor over.
static inline gboolean cgmime_write(GMimeObject *object, int descriptor) {
    GMimeStream *stream = g_mime_stream_fs_new(descriptor);
    ssize_t written = -1;
    if (GMIME_IS_PART(object)) {
        GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object));
        written = content == NULL ? 0 : g_mime_data_wrapper_write_to_stream(content, stream);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        written = message == NULL ? 0 : g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream);
    }
    gboolean flushed = g_mime_stream_flush(stream) == 0;
    g_object_unref(stream);
    return written >= 0 && flushed;
}

#endif
