#include "CSQLiteLog.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// Frames of the log (https://www.sqlite.org/fileformat2.html#the_write_ahead_log) are held back while they follow one
// another, and written at the latest with the one that ends the commit, before SQLite syncs the log or lets others see
// them. Until then only the connection that writes them may look for them, and whatever it asks the log writes them first.
// Those of a transaction that is rolled back are forgotten before another connection may write in their place.

enum {
  frame_header = 24,
  // SQLite's own layer writes less than 128 KiB in one call.
  room = 31 * (frame_header + 4096),
  // The lock of the connection that writes (https://www.sqlite.org/walformat.html#wal_locks).
  write_lock = 0,
};

// What this layer knows of a file; it stands behind the file of the layer below, some of whose methods are replaced.
typedef struct addition {
  sqlite3_io_methods methods;
  const sqlite3_io_methods *replaced;
  // The log of a database and the database of a log; NULL where that is not open.
  struct addition *other;
  unsigned char *held;
  int count;
  sqlite3_int64 start;
  // The next write is the page of the last frame of a commit.
  int ends_commit;
} addition;

static sqlite3_vfs *below;
static sqlite3_vfs layer;

static addition *of(sqlite3_file *file) { return (addition *)((char *)file + layer.szOsFile - sizeof(addition)); }

static int write_held(sqlite3_file *file) {
  addition *log = of(file);
  int count = log->count;
  log->count = 0;
  return count == 0 ? SQLITE_OK : log->replaced->xWrite(file, log->held, count, log->start);
}

static int log_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  addition *log = of(file);
  if (offset != log->start + log->count || count > room - log->count) {
    int result = write_held(file);
    if (result != SQLITE_OK) return result;
  }
  if (log->held == NULL) log->held = malloc(room);
  if (log->held == NULL || count > room) return log->replaced->xWrite(file, bytes, count, offset);
  if (log->count == 0) log->start = offset;
  memcpy(log->held + log->count, bytes, count);
  log->count += count;
  if (count == frame_header) {
    // How large the database is after the commit; zero in its other frames.
    static const unsigned char none[4];
    log->ends_commit = memcmp((const unsigned char *)bytes + 4, none, sizeof none) != 0;
    return SQLITE_OK;
  }
  return log->ends_commit ? write_held(file) : SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  int result = write_held(file);
  return result != SQLITE_OK ? result : of(file)->replaced->xRead(file, bytes, count, offset);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int result = write_held(file);
  return result != SQLITE_OK ? result : of(file)->replaced->xTruncate(file, size);
}

static int log_sync(sqlite3_file *file, int flags) {
  int result = write_held(file);
  return result != SQLITE_OK ? result : of(file)->replaced->xSync(file, flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size) {
  int result = write_held(file);
  return result != SQLITE_OK ? result : of(file)->replaced->xFileSize(file, size);
}

static int log_close(sqlite3_file *file) {
  addition *log = of(file);
  int written = write_held(file);
  if (log->other) log->other->other = NULL;
  free(log->held);
  int closed = log->replaced->xClose(file);
  return written != SQLITE_OK ? written : closed;
}

static int database_lock(sqlite3_file *file, int offset, int count, int flags) {
  addition *database = of(file);
  int is_released = flags == (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE) && offset == write_lock;
  // What is held belongs to no commit.
  if (is_released && database->other) database->other->count = 0;
  return database->replaced->xShmLock(file, offset, count, flags);
}

static int database_close(sqlite3_file *file) {
  addition *database = of(file);
  if (database->other) database->other->other = NULL;
  return database->replaced->xClose(file);
}

// Replaces the methods of a file that is open.
static addition *extend(sqlite3_file *file) {
  addition *added = of(file);
  memset(added, 0, sizeof *added);
  added->replaced = file->pMethods;
  added->methods = *file->pMethods;
  file->pMethods = &added->methods;
  return added;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out) {
  (void)vfs;
  int result = below->xOpen(below, name, file, flags, flags_out);
  if (result != SQLITE_OK) return result;
  if ((flags & SQLITE_OPEN_MAIN_DB) && file->pMethods->iVersion >= 2) {
    addition *database = extend(file);
    database->methods.xShmLock = database_lock;
    database->methods.xClose = database_close;
  } else if (flags & SQLITE_OPEN_WAL) {
    sqlite3_file *owner = sqlite3_database_file_object(name);
    if (owner->pMethods->xShmLock != database_lock) return SQLITE_OK;
    addition *log = extend(file);
    log->methods.xWrite = log_write;
    log->methods.xRead = log_read;
    log->methods.xTruncate = log_truncate;
    log->methods.xSync = log_sync;
    log->methods.xFileSize = log_size;
    log->methods.xClose = log_close;
    log->other = of(owner);
    log->other->other = log;
  }
  return SQLITE_OK;
}

int sqlite_log_register(void) {
  if (below != NULL) return SQLITE_OK;
  int result = sqlite3_initialize();
  if (result != SQLITE_OK) return result;
  sqlite3_vfs *found = sqlite3_vfs_find(NULL);
  if (found == NULL) return SQLITE_ERROR;
  layer = *found;
  layer.zName = "whole-commits";
  layer.szOsFile = (found->szOsFile + 7) / 8 * 8 + (int)sizeof(addition);
  layer.xOpen = open_file;
  below = found;
  return sqlite3_vfs_register(&layer, 1);
}
