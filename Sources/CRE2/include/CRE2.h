#pragma once
#include <stdbool.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

/// A compiled RE2 pattern. Immutable; matching is safe from any number of threads at once.
typedef struct cre2_pattern cre2_pattern;

/// Compiles `length` bytes of UTF-8. Never returns NULL; ask `cre2_error` whether the pattern is usable.
/// `max_memory` bounds the bytes of the compiled program and of its automaton.
cre2_pattern *cre2_compile(const char *pattern, size_t length, size_t max_memory);

/// Frees a pattern; NULL is allowed.
void cre2_free(cre2_pattern *pattern);

/// Why the pattern is not valid, or NULL when it is. The text lives as long as the pattern.
const char *cre2_error(const cre2_pattern *pattern);

/// Whether the pattern matches anywhere in the text, in time linear in the text.
bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t length);

#ifdef __cplusplus
}
#endif
