//===- Message.h - where a failing call leaves its words ------------------===//
//
// A message goes into a buffer that the caller of the library owns (opening) or
// that lies in the context; nothing here allocates. An empty buffer is allowed.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_MESSAGE_H
#define TRANSOM_RUNTIME_MESSAGE_H

#include "transom/transom.h"

#include <stdarg.h>
#include <stdio.h>

namespace transom::runtime {

struct Message {
  char *text;
  size_t bytes;

  /// Writes the message and hands back `status`, so that a check is one line.
  __attribute__((format(printf, 3, 4))) TransomStatus fail(TransomStatus status, const char *format, ...) const {
    if (text && bytes) {
      va_list arguments;
      va_start(arguments, format);
      vsnprintf(text, bytes, format, arguments);
      va_end(arguments);
    }
    return status;
  }
};

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_MESSAGE_H
