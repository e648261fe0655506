//===- Package.h - from an object to what a user links ----------*- C++ -*-===//
//
// A package is the folder that `transom compile` leaves (docs/package.md):
//
//     libNAME.so  libNAME.a  NAME.h  NAME.json  [NAME.weights]
//     include/transom/*.h  lib/cmake/NAME/*.cmake  lib/pkgconfig/NAME.pc
//
// It is written aside and moved into place when all of it is there.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_PACKAGE_PACKAGE_H
#define TRANSOM_PACKAGE_PACKAGE_H

#include "transom/Codegen/Codegen.h"
#include "transom/Package/Signature.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include <map>

namespace transom {

extern const char *const version; ///< Transom's: "0.1.0"

/// A product of a number and named dims, each as often as it is a factor.
struct CostTerm {
  uint64_t count = 0;
  std::vector<std::string> dims;
};

/// Floating-point operations of a run, as a polynomial of the named dims.
struct ModelCost {
  std::vector<CostTerm> flops;
  unsigned omitted = 0; ///< products left out: their sizes depend on data or no polynomial gives them
};

/// What the launches of a place, as profiles name it, compute and move at least: the
/// kernels' operands and results once each.
struct PlaceCost {
  std::string node, op;
  std::vector<CostTerm> flops, bytes;
};

/// Code for a GPU, as the manifest speaks of it.
struct ManifestDevice {
  std::string chip;
  uint64_t ptxBytes = 0, cubinBytes = 0, weightsBytes = 0;
  unsigned functions = 0;
};

struct KernelUse {
  std::string name;
  unsigned launches = 0; ///< places in the host program
};

/// All that NAME.json says.
struct Manifest {
  std::string name;
  std::string model;              ///< the model's file name, without folders
  Signature signature;            ///< of what opens
  std::vector<Signature> entries; ///< of all entry points, that one first
  CPUTarget target;               ///< what is preferred of `cpus`; the host's code is for it where there are none
  std::vector<CPUTarget> cpus;    ///< that there are kernels for, as they are looked through when the library opens
  bool hasCPU() const { return !cpus.empty(); }
  std::string cpuNames() const; ///< "x86-64-v4, x86-64-v3"; of the host's code where there are none
  std::vector<ManifestDevice> devices;
  std::string cpuOption, weightsOption, stateOption; ///< as the user gave them
  std::string weightsFile;                           ///< "" embeds
  uint64_t weightsOffset = 0, weightsBytes = 0;
  std::string weightsSha256;
  uint64_t parameters = 0;
  ModelCost cost;
  std::map<std::string, std::vector<PlaceCost>> places; ///< of each entry point
  std::vector<KernelUse> kernels;
};

/// Terms as "key": [{"count": 2, "dims": ["batch"]}, ...].
void writeTerms(llvm::json::OStream &out, llvm::StringRef key, llvm::ArrayRef<CostTerm> terms);

std::string manifestText(const Manifest &manifest);

/// NAME.h (docs/RuntimeABI.md).
std::string headerText(llvm::StringRef name, llvm::ArrayRef<Signature> entries);

/// The start of a safetensors file whose data is the weight image: its header,
/// padded so that the image starts on a page.
llvm::Expected<std::string> weightsFileHeader(const WeightImage &image, llvm::StringRef name);

/// The files of Transom's own and the linker that packages are made with.
struct Toolchain {
  std::string linker;         ///< ld.lld
  std::string runtimeArchive; ///< libtransom_rt.a
  std::string deviceRuntime;  ///< libtransom_rt_cuda.a
  std::string builtins;       ///< libtransom_builtins.a: what instructions are missing for
  std::string headers;        ///< the folder that holds transom/transom.h

  /// Looks beside `executable` (of Transom, in a build or installed), then where
  /// the build left them, then for the linker in PATH; for what runs on `triple`
  /// ("" is the host). All that is missing is in the error.
  static llvm::Expected<Toolchain> find(llvm::StringRef executable, llvm::StringRef triple = "");
};

/// A folder that becomes the package, or nothing if it is never committed.
class PackageFolder {
public:
  /// Refuses what is a file. `name` is the model's.
  static llvm::Expected<PackageFolder> create(llvm::StringRef folder, llvm::StringRef name);

  PackageFolder(PackageFolder &&other);
  PackageFolder(const PackageFolder &) = delete;
  PackageFolder &operator=(const PackageFolder &) = delete;
  ~PackageFolder();

  /// Where to write the file that will be `relative` in the package; makes the folders above it.
  llvm::Expected<std::string> place(llvm::StringRef relative);
  llvm::Error write(llvm::StringRef relative, llvm::StringRef content);

  /// Moves everything into place. Files of an earlier compile of the same
  /// name go; others stay. The libraries go first and come last, so that at no
  /// moment a library stands beside weights that are not its own.
  llvm::Error commit();

  /// Removes what is there so far.
  void discard();

  const std::string &staging() const { return aside; }

private:
  PackageFolder() = default;

  std::string target, name, aside;
  std::vector<std::string> madeFolders; ///< above `target`, outermost first
  std::vector<std::string> files;
  bool replaces = false; ///< `target` is there already
};

/// Links objects, also those in archives, and the runtime into libNAME.so, which
/// exports NAME_library alone. `devices`: with what drives GPUs.
llvm::Error linkShared(const Toolchain &toolchain, const CPUTarget &target, llvm::StringRef name,
                       llvm::ArrayRef<std::string> objects, bool devices, llvm::StringRef library);

/// Joins them into libNAME.a, in which NAME_library is the only global symbol.
llvm::Error linkStatic(const Toolchain &toolchain, const CPUTarget &target, llvm::StringRef name,
                       llvm::ArrayRef<std::string> objects, bool devices, llvm::StringRef library);

/// Writes the parts' objects as one archive, for the linker.
llvm::Error writeObjects(llvm::ArrayRef<CompiledPart> parts, llvm::StringRef archive);

/// NAMEConfig.cmake, NAMEConfigVersion.cmake, NAME.pc and the headers of transom.
llvm::Error writeBuildFiles(PackageFolder &folder, const Toolchain &toolchain, const Manifest &manifest);

} // namespace transom

#endif // TRANSOM_PACKAGE_PACKAGE_H
