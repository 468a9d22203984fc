#include "CRE2.h"

#include <re2/re2.h>

#include <string>

struct cre2_pattern {
    RE2 expression;
    std::string error;

    cre2_pattern(re2::StringPiece text, const RE2::Options &options)
        : expression(text, options), error(expression.error()) {}
};

extern "C" cre2_pattern *cre2_compile(const char *pattern, size_t length, size_t max_memory) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(static_cast<int64_t>(max_memory));
    return new cre2_pattern(re2::StringPiece(pattern, length), options);
}

extern "C" void cre2_free(cre2_pattern *pattern) { delete pattern; }

extern "C" const char *cre2_error(const cre2_pattern *pattern) {
    return pattern->expression.ok() ? nullptr : pattern->error.c_str();
}

extern "C" bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t length) {
    return RE2::PartialMatch(re2::StringPiece(text, length), pattern->expression);
}
