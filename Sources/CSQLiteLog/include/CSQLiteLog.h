#pragma once

// A layer of SQLite between it and the files (https://www.sqlite.org/vfs.html) that gives the frames of a commit to the
// write-ahead log in one write of up to 31 pages, where SQLite writes each page and each of their headers by itself.
//
// It becomes the default of the process, for connections that are opened from then on. What is in the files, when it is
// synced and who sees it is as without it. Returns a result code of SQLite's.
int sqlite_log_register(void);
