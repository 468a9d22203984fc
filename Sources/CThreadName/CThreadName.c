#define _GNU_SOURCE

#include "CThreadName.h"

#include <pthread.h>

int thread_name_set(const char *name) { return pthread_setname_np(pthread_self(), name); }
