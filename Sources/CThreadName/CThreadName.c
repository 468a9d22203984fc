#define _GNU_SOURCE

#include "CThreadName.h"

#include <pthread.h>
#include <sched.h>

int thread_name_set(const char *name) { return pthread_setname_np(pthread_self(), name); }

int thread_interrupt_nobody(void) {
    struct sched_param parameters = {0};
    return pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameters);
}
