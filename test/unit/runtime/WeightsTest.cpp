//===- WeightsTest.cpp - embedded, beside the program, the caller's -------===//
#include "Session.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace transom::test {
namespace {

namespace fs = std::filesystem;

// SHA-256 of weightValues, little-endian.
constexpr const char *weightsDigest = "994294717e9222764d03686b675546d724767d179b55b0a17aa99e024ac5b725";

struct WeightsTest : testing::Test {
  WeightsTest() {
    std::string pattern = testing::TempDir() + "transom-weights-XXXXXX";
    folder = mkdtemp(pattern.data());
    options.struct_size = sizeof options;
  }
  ~WeightsTest() override { fs::remove_all(folder); }

  /// weightsProgram without its embedded image; the file starts with 64 other bytes.
  TransomProgram sidecarProgram(const char *file = "weights-of-no-model.bin") {
    TransomProgram program = weightsProgram();
    program.weights = nullptr;
    program.weights_file = file;
    program.weights_offset = 64;
    program.weights_sha256 = weightsDigest;
    return program;
  }
  std::string write(const fs::path &path, size_t bytes = 64 + sizeof weightValues) {
    std::string contents(64, '\7');
    contents.append(reinterpret_cast<const char *>(weightValues), sizeof weightValues);
    contents.resize(bytes, '\1');
    std::ofstream(path, std::ios::binary) << contents;
    return path.string();
  }

  TransomStatus open(const TransomProgram &program) {
    Library library(program);
    TransomModel *model;
    TransomStatus status = transom_open(library, &options, &model, why, sizeof why);
    EXPECT_EQ(model != nullptr, status == TRANSOM_OK);
    if (!model)
      return status;
    TransomContext *context;
    EXPECT_EQ(transom_context_create(model, nullptr, &context, why, sizeof why), TRANSOM_OK) << why;
    transom_close(model);
    TransomTensor w = {};
    EXPECT_EQ(transom_run(context, nullptr, 0, &w, 1), TRANSOM_OK) << transom_error(context);
    EXPECT_EQ(valuesOf<float>(w), std::vector<float>(weightValues, weightValues + numWeights));
    transom_context_destroy(context);
    return status;
  }

  fs::path folder;
  TransomLoadOptions options = {};
  char why[TRANSOM_ERROR_BYTES] = "";
};

TEST_F(WeightsTest, Embedded) {
  EXPECT_EQ(open(weightsProgram()), TRANSOM_OK) << why;
  options.weights_path = "somewhere";
  EXPECT_EQ(open(weightsProgram()), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(why, "model \"weights\" carries its weights; it takes none from outside");
}

TEST_F(WeightsTest, EmbeddedVerified) {
  options.flags = TRANSOM_LOAD_VERIFY;
  TransomProgram program = weightsProgram();
  program.weights_sha256 = weightsDigest;
  EXPECT_EQ(open(program), TRANSOM_OK) << why;
  program.weights_sha256 = nullptr;
  EXPECT_EQ(open(program), TRANSOM_ERROR_WEIGHTS);
  EXPECT_EQ(why,
            std::string("model \"weights\": the weights have SHA-256 ") + weightsDigest + " where none is expected");
}

TEST_F(WeightsTest, OfAPath) {
  std::string path = write(folder / "w.bin");
  options.weights_path = path.c_str();
  for (uint32_t flags :
       {0, TRANSOM_LOAD_PRELOAD + 0, TRANSOM_LOAD_VERIFY + 0, TRANSOM_LOAD_PRELOAD | TRANSOM_LOAD_VERIFY}) {
    options.flags = flags;
    EXPECT_EQ(open(sidecarProgram()), TRANSOM_OK) << why;
  }
}

TEST_F(WeightsTest, AtAnOffsetBeyondAPage) {
  TransomProgram program = sidecarProgram();
  program.weights_offset = 4096 + 128;
  std::string contents(program.weights_offset, 'x');
  contents.append(reinterpret_cast<const char *>(weightValues), sizeof weightValues);
  std::string path = folder / "w.bin";
  std::ofstream(path, std::ios::binary) << contents;
  options.weights_path = path.c_str();
  options.flags = TRANSOM_LOAD_VERIFY;
  EXPECT_EQ(open(program), TRANSOM_OK) << why;
}

TEST_F(WeightsTest, MissingFile) {
  std::string path = folder / "none.bin";
  options.weights_path = path.c_str();
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_WEIGHTS);
  EXPECT_EQ(why, "model \"weights\": cannot open the weights \"" + path + "\": No such file or directory");
}

TEST_F(WeightsTest, ShortFile) {
  std::string path = write(folder / "w.bin", 64 + sizeof weightValues - 1);
  options.weights_path = path.c_str();
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_WEIGHTS);
  EXPECT_EQ(why, "model \"weights\": the weights \"" + path + "\" are too short: 127 bytes where 128 are needed");
}

TEST_F(WeightsTest, NoRegularFile) {
  std::string path = folder;
  options.weights_path = path.c_str();
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_WEIGHTS);
  EXPECT_EQ(why, "model \"weights\": the weights \"" + path + "\" are not a regular file");
  path = folder / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  options.weights_path = path.c_str();
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_WEIGHTS); // and does not wait for a writer
}

TEST_F(WeightsTest, PathThatIsTooLong) {
  std::string path(10000, 'a');
  options.weights_path = path.c_str();
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(why, "weights_path is longer than a path can be");
}

TEST_F(WeightsTest, ChangedFile) {
  std::string path = write(folder / "w.bin");
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(100);
    file.put('!');
  }
  options.weights_path = path.c_str();
  options.flags = TRANSOM_LOAD_VERIFY;
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_WEIGHTS);
  std::string text = why;
  EXPECT_TRUE(text.starts_with("model \"weights\": the weights have SHA-256 ")) << text;
  EXPECT_TRUE(text.ends_with(std::string(" where ") + weightsDigest + " is expected")) << text;
}

TEST_F(WeightsTest, BesideTheProgram) {
  fs::path file = fs::read_symlink("/proc/self/exe").parent_path() / ("weights-" + std::to_string(getpid()) + ".bin");
  std::string name = file.filename();
  EXPECT_EQ(open(sidecarProgram(name.c_str())), TRANSOM_ERROR_WEIGHTS);
  EXPECT_EQ(why, "model \"weights\": the weights file \"" + name +
                     "\" is neither beside the library nor beside the program; set weights_path or weights_data");
  write(file);
  EXPECT_EQ(open(sidecarProgram(name.c_str())), TRANSOM_OK) << why;
  fs::remove(file);
}

TEST_F(WeightsTest, WithoutAName) {
  EXPECT_EQ(open(sidecarProgram(nullptr)), TRANSOM_ERROR_WEIGHTS);
  EXPECT_STREQ(why, "model \"weights\" names no weights");
}

TEST_F(WeightsTest, InTheCallersMemory) {
  alignas(64) uint8_t memory[64 + sizeof weightValues + 1];
  memcpy(memory + 64, weightValues, sizeof weightValues);
  options.weights_data = memory;
  options.weights_bytes = sizeof memory;
  options.flags = TRANSOM_LOAD_VERIFY | TRANSOM_LOAD_PRELOAD;
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_OK) << why;
  options.weights_bytes = 127;
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_WEIGHTS);
  EXPECT_STREQ(why, "model \"weights\": the weights in memory are too short: 127 bytes where 128 are needed");
  options.weights_data = memory + 1;
  options.weights_bytes = sizeof memory - 1;
  EXPECT_EQ(open(sidecarProgram()), TRANSOM_ERROR_WEIGHTS);
  EXPECT_STREQ(why, "model \"weights\": the weights are not aligned to 64 bytes");
}

TEST_F(WeightsTest, EndsThatNoFileHas) {
  alignas(64) uint8_t memory[128] = {};
  std::string path = write(folder / "w.bin");
  for (uint64_t offset : {UINT64_MAX - 63, uint64_t(INT64_MAX) - 63}) {
    TransomProgram program = sidecarProgram();
    program.weights_offset = offset;
    options.weights_path = nullptr;
    options.weights_data = memory;
    options.weights_bytes = sizeof memory;
    EXPECT_EQ(open(program), TRANSOM_ERROR_WEIGHTS) << offset;
    options.weights_data = nullptr;
    options.weights_path = path.c_str();
    EXPECT_EQ(open(program), TRANSOM_ERROR_WEIGHTS) << offset;
  }
}

TEST_F(WeightsTest, ModelsWithoutWeights) {
  // A caller who opens all models alike may name a file that this one lacks.
  Library library(mixProgram());
  options.weights_path = "not there";
  options.flags = TRANSOM_LOAD_VERIFY | TRANSOM_LOAD_LOCK | TRANSOM_LOAD_PRELOAD;
  TransomModel *model;
  EXPECT_EQ(transom_open(library, &options, &model, why, sizeof why), TRANSOM_OK) << why;
  transom_close(model);
}

TEST_F(WeightsTest, Locked) {
  std::string path = write(folder / "w.bin");
  options.weights_path = path.c_str();
  options.flags = TRANSOM_LOAD_LOCK;
  rlimit before, nothing = {};
  getrlimit(RLIMIT_MEMLOCK, &before);
  nothing.rlim_max = before.rlim_max;
  setrlimit(RLIMIT_MEMLOCK, &nothing);
  // Privileged processes lock without limit.
  void *page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  bool refused = mlock(page, 4096) != 0;
  munmap(page, 4096);
  TransomStatus status = open(sidecarProgram());
  if (refused) {
    EXPECT_EQ(status, TRANSOM_ERROR_MEMORY);
    EXPECT_TRUE(std::string(why).starts_with("model \"weights\": cannot lock 64 bytes of weights: ")) << why;
  } else {
    EXPECT_EQ(status, TRANSOM_OK) << why;
  }
  setrlimit(RLIMIT_MEMLOCK, &before);
}

TEST_F(WeightsTest, NothingStaysOpenOrMapped) {
  std::string path = write(folder / "w.bin");
  options.weights_path = path.c_str();
  auto openFiles = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
  auto mapped = [&] {
    std::ifstream maps("/proc/self/maps");
    std::string line;
    while (std::getline(maps, line))
      if (line.ends_with(path))
        return true;
    return false;
  };
  auto before = openFiles();
  Library library(sidecarProgram());
  TransomModel *model;
  ASSERT_EQ(transom_open(library, &options, &model, why, sizeof why), TRANSOM_OK) << why;
  EXPECT_TRUE(mapped());
  EXPECT_EQ(openFiles(), before);
  transom_close(model);
  EXPECT_FALSE(mapped());
  // Neither after a failure that comes once the file is mapped.
  TransomProgram wrong = sidecarProgram();
  wrong.weights_sha256 = "0";
  options.flags = TRANSOM_LOAD_VERIFY;
  EXPECT_EQ(open(wrong), TRANSOM_ERROR_WEIGHTS);
  EXPECT_FALSE(mapped());
  EXPECT_EQ(openFiles(), before);
}

} // namespace
} // namespace transom::test
