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
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
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

static inline const char *cgmime_subject(GMimeMessage *message) { return g_mime_message_get_subject(message); }

// The address of the first sender; NULL when there is none.
static inline const char *cgmime_sender(GMimeMessage *message) {
    InternetAddressList *list = g_mime_message_get_from(message);
    if (list == NULL) return NULL;
    for (int index = 0; index < internet_address_list_length(list); index++) {
        InternetAddress *address = internet_address_list_get_address(list, index);
        if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
            return internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
        }
    }
    return NULL;
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
    return GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object)) : NULL;
}

static inline gboolean cgmime_is_attachment(GMimeObject *object) {
    const char *disposition = g_mime_object_get_disposition(object);
    return disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0;
}

// Writes the decoded content of a part, or an attached message as it is; takes the descriptor over.
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
