//===- TileTable.h - tiles of products and attention, by chip ---*- C++ -*-===//
//
// The one place that says which tile a product or an attention gets: a table by
// how it is made, its type and its sizes (TileTable.cpp), checked against what the
// chip has, and before that what was measured for a model (`transom tune`), which
// stands in the module as `transformer.tiles`: { "KEY" = "TILE", ... }.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_CODEGEN_TILETABLE_H
#define TRANSOM_CODEGEN_TILETABLE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "transom/Codegen/NVPTX.h"
#include <optional>

namespace transom {
namespace transformer {
class MoEOp;
} // namespace transformer

/// Rows up to which products and attention take the forms for few rows.
constexpr int64_t fewRows = 8;
/// Rows up to which products of few tiles have a form that splits the depth among blocks.
constexpr int64_t splitRows = 128;
/// Columns below which a result is too narrow for groups of warps.
constexpr int64_t narrowWidth = 128;
/// The most parts that the split form of attention cuts the keys into.
constexpr int64_t attentionParts = 32;

/// How a function makes its product or attention.
enum class TileWay {
  Stream,             ///< few rows: the right operand streams through once
  MMA,                ///< mma.sync
  Warpgroup,          ///< wgmma, fed by cp.async
  Pipelined,          ///< wgmma, fed by a warp that only copies
  Scalar,             ///< multiply-add
  Attention,          ///< many queries
  WarpgroupAttention, ///< the same by wgmma
  SplitAttention,     ///< few queries: the keys are split among blocks
};

/// What a tile is chosen by. As text: "pipelined f16 rows=9.. n=768 k=3072".
struct TileKey {
  TileWay way;
  std::string type;                  ///< that is multiplied: "f16", "f32", "i32", ...
  int64_t firstRow = 1, lastRow = 0; ///< that the function is for; 0: no end. Queries of attention
  bool isBatched = false;            ///< each batch has a right operand of its own
  int64_t width = 0, depth = 0;      ///< 0 where not known. Of attention: elements of a head of values and of keys
  bool isBiased = false;             ///< of attention by groups of warps: more than a product makes a score

  std::string text() const;
  static std::optional<TileKey> parse(llvm::StringRef text);
  static std::string typeName(mlir::Type type);
  int64_t bytes() const; ///< of an element
};

/// A tile, and how it is made. As text: "128x256 stages=4 warps=8x1", "64x64 stages=3 warps=2x4 splits=4".
struct Tile {
  int64_t rows, columns;          ///< of the result that a block makes; of attention queries and keys
  int64_t stages;                 ///< slices of depth that are in shared memory; reads that a thread has under way
  int64_t warpsDown, warpsAcross; ///< that share it; of attention along queries and along keys
  int64_t splits = 1;             ///< parts of the depth, each a block's; a second pass adds them up

  int64_t threads() const { return warpsDown * warpsAcross * 32; }
  std::string text() const;
  bool operator==(const Tile &) const = default;
};

/// Whether an op is a product of all rows with one right operand, which has forms for few rows.
bool isForFewRows(mlir::Operation *op);

/// What numbers a mixture of experts multiplies on a GPU: those of its tokens and weights, or f32 where they differ.
mlir::Type multipliedType(transformer::MoEOp experts);

class TileTable {
public:
  /// `chosen` goes before the table: keys and tiles as text, or null.
  explicit TileTable(NVPTXTarget target, mlir::DictionaryAttr chosen = {});

  /// What the product gets; nothing where no tile fits the chip.
  std::optional<Tile> choose(const TileKey &key) const;
  /// All tiles that fit it and the chip, that of the table first.
  llvm::SmallVector<Tile> candidates(const TileKey &key) const;
  /// Whether `key` is a key and `tile` one of its candidates; else why not, and what would do.
  llvm::Error check(llvm::StringRef key, llvm::StringRef tile) const;

  /// Whether a product, not batched, is worth a form of its own for up to `splitRows` rows. What is chosen for one
  /// product does not change which forms it has.
  bool hasSplitForm(llvm::StringRef type, int64_t width, int64_t depth) const;

  /// Blocks that give each multiprocessor a few.
  int64_t wantedBlocks() const;
  const NVPTXTarget &target() const { return chip; }

private:
  bool canSplit(const TileKey &key) const;
  int64_t splitsFor(const TileKey &key, const Tile &tile) const;
  bool fits(const TileKey &key, const Tile &tile, int64_t sharedLimit, bool isChoice) const;

  NVPTXTarget chip;
  mlir::DictionaryAttr chosen;
};

} // namespace transom

#endif // TRANSOM_CODEGEN_TILETABLE_H
