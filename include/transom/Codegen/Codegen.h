//===- Codegen.h - from the transformer dialect to an object ----*- C++ -*-===//
//
// The stages `kernels`, `cpu` and `llvm`. What holds after each is in
// docs/architecture.md.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_CODEGEN_CODEGEN_H
#define TRANSOM_CODEGEN_CODEGEN_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "transom/Codegen/NVPTX.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class ThreadPoolInterface;
} // namespace llvm

namespace transom {

/// The CPU that code is made for, as clang's -march and -mcpu name them.
struct CPUTarget {
  std::string triple;        ///< "" is the host's
  std::string cpu;           ///< resolved: never "native"
  std::string instructions;  ///< LLVM's CPU whose instructions are used with those of `features`
  std::string features;      ///< LLVM's comma list, "+avx2,+fma,..."
  unsigned vectorBits = 256; ///< width that kernels are written for; 128 is NEON's
  bool hasByteDots = false;  ///< VNNI in that width, or I8MM
  /// Columns of the panels that weights are packed in, where code for wider CPUs reads them too; 0: as this CPU likes
  /// them.
  int64_t weightColumns = 0;

  /// `name` as given to --cpu: native, x86-64-v3, x86-64-v4, znver5, neoverse-n1, ...; `triple` "" is the host's.
  static llvm::Expected<CPUTarget> resolve(llvm::StringRef name, llvm::StringRef triple = "");
  /// Several of them with commas between, whose kernels read weights packed in one way; what is preferred comes first:
  /// of two that a machine runs, the one with wider vectors, then with more features.
  static llvm::Expected<std::vector<CPUTarget>> resolveAll(llvm::StringRef names, llvm::StringRef triple = "");
  /// What all of them run.
  static CPUTarget common(llvm::ArrayRef<CPUTarget> targets);
};

/// Which interfaces a model with caches gets: the ONNX signature, the one on
/// states (`step`), or both.
enum class States { None, Only, Both };

/// The TransomType of an element type; 0 where the runtime has none.
int32_t typeCodeOf(mlir::Type type);

/// Node and operator that a location stands for, as profiles and failures name them.
std::pair<std::string, std::string> siteOf(mlir::Location loc);

/// Makes `step`, where asked for: first of all on the way to kernels.
void buildStatesPipeline(mlir::OpPassManager &passes, States states);

/// Makes `step`, where asked for; outlines fused groups into kernels that equal
/// groups share.
void buildKernelsPipeline(mlir::OpPassManager &passes, const CPUTarget &target, States states = States::None);

/// Kernels to loops on memrefs, the entry function to `run` and `prepare`.
void buildCPUPipeline(mlir::OpPassManager &passes, const CPUTarget &target);

/// All constants that kernels are handed, in the layout that they read.
/// Valid while the module and the mapped model files are.
class WeightImage {
public:
  /// Plans the image of a module after the `cpu` stage.
  static llvm::Expected<WeightImage> plan(mlir::ModuleOp module);

  uint64_t bytes() const { return size; }
  /// Streams the image, one weight after the other, packed on all threads; gives its SHA-256 as hex digits. `isDone`
  /// gets the bytes of each constant that is read by now.
  llvm::Expected<std::string> write(llvm::raw_ostream &os, llvm::ThreadPoolInterface &threads,
                                    llvm::function_ref<void(llvm::ArrayRef<char>)> isDone = {}) const;

  struct Entry {
    mlir::ElementsAttr value;              ///< null where constants are joined
    std::vector<mlir::ElementsAttr> parts; ///< which, along `axis`
    int64_t axis = 0;
    mlir::Attribute layout; ///< null, or how the weight is packed
    mlir::Type rounded;     ///< f16 or bf16 where f32 values are stored as such; else null
    uint64_t offset;
    uint64_t bytes;
    std::string name; ///< the initializer's, for listings

    /// Of the whole, joined and as it is stored.
    mlir::RankedTensorType type() const;
  };
  std::vector<Entry> entries;

  /// A constant as a GPU's kernels read it: row-major, at `offset` of its memory.
  struct DeviceEntry {
    uint64_t offset, bytes;
    const Entry *source; ///< of this image
  };
  /// Whether code for one reads the other: equal constants, packed alike, at the same offsets.
  bool isSameAs(const WeightImage &other) const;
  /// Adds the constants of a GPU's image that this one has in no layout.
  void add(const WeightImage &device);
  /// Where the constants of a GPU's image lie in this one, to which it was added.
  std::vector<DeviceEntry> place(const WeightImage &device) const;

private:
  size_t find(const Entry &wanted) const;
  uint64_t size = 0;
};

/// A model's code for one chip.
struct DeviceCode {
  NVPTXTarget target;
  mlir::ArrayAttr functions; ///< the module's `transformer.functions`
  WeightImage weights;       ///< of the device's memory
  std::string ptx, cubin;    ///< cubin: "" where there is none
};

/// Puts the code for another CPU, after buildCPUPipeline, into the module with the first one's; functions get `.CPU`
/// behind their names, and say it as `transformer.cpu`.
void addCPU(mlir::ModuleOp program, mlir::ModuleOp variant, llvm::StringRef cpu);

/// Puts the host's side of a chip's code, after buildNVPTXHostPipeline, into the
/// module with the CPU's program, or into an empty one; names get the chip's behind them.
void addDeviceHost(mlir::ModuleOp program, mlir::ModuleOp device, llvm::StringRef chip);

/// Where a node and its operator (siteOf) stand in a listing of the model's nodes.
struct LineTable {
  std::string file; ///< "" for no debug information
  std::map<std::pair<std::string, std::string>, unsigned> lines;
};

struct ProgramOptions {
  std::string name;        ///< of the library; the exported symbol is NAME_program (hidden)
  std::string weightsFile; ///< sidecar's file name; "" embeds the image
  uint64_t weightsOffset = 0;
  std::string weightsSha256;
  std::string manifest; ///< NAME.json's text
  std::vector<DeviceCode> devices;
  LineTable lines;
};

/// The function of every part in LLVM IR: parts that differ in their names alone are the same code.
constexpr const char *partSymbol = "transom_part";

/// A function of a program, in LLVM IR before LLVM's passes: what is compiled apart from the others.
struct ProgramPart {
  std::string name; ///< the function's
  /// A module that defines it as `partSymbol`, declares what other parts define, and has its own copy of the rest.
  std::string bitcode;
};

/// A program in LLVM IR.
struct ProgramCode {
  std::vector<ProgramPart> parts;
  std::unique_ptr<llvm::Module> constants; ///< NAME_library and the constants that it gives, optimised
};

/// Translates a module after the `cpu` stage, or one of devices' programs alone,
/// to LLVM IR with the `TransomProgram` constants: the first target's functions,
/// and those that addCPU gave the name of another. The devices' images were added
/// to `weights`.
llvm::Expected<ProgramCode> emitLLVM(mlir::ModuleOp module, llvm::LLVMContext &context,
                                     llvm::ArrayRef<CPUTarget> targets, const ProgramOptions &options,
                                     const WeightImage &weights, llvm::ThreadPoolInterface &threads);

/// What is wanted of parts.
struct PartForms {
  bool object = true;
  bool bitcode = false; ///< of the optimised module
};

struct CompiledPart {
  std::string name;
  llvm::SmallVector<char, 0> object; ///< ELF; what parts share are hidden symbols
  std::string bitcode;
  bool isFound = false; ///< an earlier compile has made the object
};

/// Objects from earlier compiles, by a digest of all that they depend on: part,
/// target and compiler. Called by several threads.
class PartStore {
public:
  virtual ~PartStore() = default;
  virtual std::optional<llvm::SmallVector<char, 0>> find(llvm::StringRef key) = 0;
  virtual void keep(llvm::StringRef key, llvm::ArrayRef<char> object) = 0;
};

/// The code of this program and of LLVM, by the build ids that their linkers
/// gave them; "" where one has none.
std::string compilerIdentity();

/// Optimises and compiles parts for a target, or what of others its functions
/// say that they are for, as many at a time as there are threads. The result depends on the parts and the target alone.
/// Where only objects are wanted, those in `store` are taken, and it gets the others.
llvm::Expected<std::vector<CompiledPart>> compileParts(llvm::ArrayRef<ProgramPart> parts, const CPUTarget &target,
                                                       const PartForms &forms, llvm::ThreadPoolInterface &threads,
                                                       PartStore *store = nullptr);

/// The optimised program as one module, as the linker joins it: what is not exported is internal.
llvm::Expected<std::unique_ptr<llvm::Module>> joinParts(llvm::ArrayRef<CompiledPart> parts,
                                                        const llvm::Module &constants);

/// Writes an optimised module as an ELF object, or as assembly.
llvm::Error emitObject(llvm::Module &module, const CPUTarget &target, llvm::raw_pwrite_stream &object);
llvm::Error emitAssembly(llvm::Module &module, const CPUTarget &target, llvm::raw_pwrite_stream &text);

/// Registers the pipelines by their stages' names (`--kernels`, `--cpu`) for
/// transom-opt; its passes are registered by Passes.h.
void registerCodegenPipelines();

} // namespace transom

#endif // TRANSOM_CODEGEN_CODEGEN_H
