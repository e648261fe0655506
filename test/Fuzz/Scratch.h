//===- Scratch.h - a file that each run writes anew -------------*- C++ -*-===//
#ifndef TRANSOM_TEST_FUZZ_SCRATCH_H
#define TRANSOM_TEST_FUZZ_SCRATCH_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace transom::fuzz {

/// A folder of this process, removed at its end, and a file in it.
class Scratch {
public:
  explicit Scratch(const char *name) {
    std::string pattern = std::filesystem::temp_directory_path() / "transom-fuzz-XXXXXX";
    directory = mkdtemp(pattern.data());
    file = directory + "/" + name;
  }
  Scratch(const Scratch &) = delete;
  ~Scratch() { std::filesystem::remove_all(directory); }

  void write(const void *data, size_t size) const { writeTo(file, data, size); }
  static void writeTo(const std::string &path, const void *data, size_t size) {
    FILE *stream = fopen(path.c_str(), "wb");
    if (!stream || fwrite(data, 1, size, stream) != size || fclose(stream) != 0) {
      perror(path.c_str());
      exit(1);
    }
  }
  const std::string &path() const { return file; }
  const std::string &folder() const { return directory; }

private:
  std::string directory, file;
};

} // namespace transom::fuzz

#endif // TRANSOM_TEST_FUZZ_SCRATCH_H
