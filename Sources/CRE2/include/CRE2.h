#pragma once
#include <stdbool.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

#ifdef __cplusplus
}
#endif
