//===- Weights.h - the weight image of an opened model --------------------===//
//
// The image is part of the library, lies in the caller's memory, or is a
// read-only mapping of the weights file; it is never copied.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_WEIGHTS_H
#define TRANSOM_RUNTIME_WEIGHTS_H

#include "Message.h"
#include "transom/program.h"

namespace transom::runtime {

class Weights {
public:
  /// Finds, checks and, where asked for, reads and locks the image. `path`
  /// (of `pathBytes`) receives the name of the mapped file, or "".
  TransomStatus open(const TransomProgram &program, const TransomLoadOptions &options, char *path, size_t pathBytes,
                     const Message &message);
  void close();

  const uint8_t *data() const { return image; }

private:
  TransomStatus map(const TransomProgram &program, const char *path, const Message &message);
  TransomStatus mapBesideLibrary(const TransomProgram &program, char *path, size_t pathBytes, const Message &message);

  const uint8_t *image = nullptr;
  size_t imageBytes = 0;
  void *mapping = nullptr;
  size_t mappedBytes = 0;
  bool locked = false;
};

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_WEIGHTS_H
