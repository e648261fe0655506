//===- TileTable.cpp - tiles of products and attention, by chip -----------===//

#include "transom/Codegen/TileTable.h"
#include "AttentionRows.h"
#include "TensorCores.h"
#include "WarpgroupAttention.h"
#include "Warpgroups.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace transom;

namespace {

/// Types that a line is for.
enum class Types { Halves, Single, Word, Every };

constexpr int64_t most = INT64_MAX;

/// A line is for results of `from` to `to` columns, or heads of so many elements; 0 are not known. `most` to 0 are
/// lines that are no chip's choice until they are measured. Of the lines that are for a product the first that fits
/// the chip is taken.
struct Line {
  TileWay way;
  Types types;
  int64_t from, to;
  Tile tile;          ///< 0 rows: as many as the function is for
  int64_t shared = 0; ///< the most bytes of shared memory, where that is less than the chip has
  StringLiteral chip; ///< "" is every chip
};

constexpr Line lines[] = {
    // Of few rows: a block's columns, and reads of 16 bytes under way. Narrow results get the 32 bytes that memory
    // gives at a time, so that there are enough blocks.
    {TileWay::Stream, Types::Halves, 1, 4095, {0, 16, 4, 8, 1}, 0, ""},
    {TileWay::Stream, Types::Single, 1, 4095, {0, 8, 4, 8, 1}, 0, ""},
    {TileWay::Stream, Types::Every, 0, most, {0, 32, 4, 8, 1}, 0, ""},
    {TileWay::Stream, Types::Every, most, 0, {0, 16, 4, 8, 1}, 0, ""},
    {TileWay::Stream, Types::Every, most, 0, {0, 16, 8, 8, 1}, 0, ""},
    {TileWay::Stream, Types::Every, most, 0, {0, 16, 4, 4, 1}, 0, ""},
    {TileWay::Stream, Types::Every, most, 0, {0, 32, 8, 8, 1}, 0, ""},
    {TileWay::Stream, Types::Every, most, 0, {0, 32, 4, 16, 1}, 0, ""},

    // mma.sync: slices of 64 bytes of depth.
    {TileWay::MMA, Types::Every, 1, narrowWidth - 1, {64, 64, 3, 2, 4}, 0, ""},
    {TileWay::MMA, Types::Every, 0, most, {128, 128, 3, 2, 4}, 0, ""},
    {TileWay::MMA, Types::Every, most, 0, {64, 64, 3, 2, 4}, 0, ""},
    {TileWay::MMA, Types::Every, most, 0, {64, 64, 4, 2, 2}, 0, ""},
    {TileWay::MMA, Types::Every, most, 0, {64, 128, 3, 2, 4}, 0, ""},
    {TileWay::MMA, Types::Every, most, 0, {128, 64, 3, 4, 2}, 0, ""},
    {TileWay::MMA, Types::Every, most, 0, {128, 128, 4, 2, 4}, 0, ""},
    {TileWay::MMA, Types::Every, most, 0, {128, 128, 2, 2, 4}, 0, ""},

    // wgmma: two groups of four warps, 64 rows each; slices 64 deep.
    {TileWay::Warpgroup, Types::Halves, 0, most, {128, 128, 4, 8, 1}, 0, "sm_90a"},
    {TileWay::Warpgroup, Types::Halves, most, 0, {128, 128, 3, 8, 1}, 0, "sm_90a"},
    {TileWay::Warpgroup, Types::Halves, most, 0, {128, 64, 4, 8, 1}, 0, "sm_90a"},
    {TileWay::Warpgroup, Types::Halves, most, 0, {128, 256, 3, 8, 1}, 0, "sm_90a"},
    {TileWay::Pipelined, Types::Halves, 256, most, {128, 256, 4, 8, 1}, 0, "sm_90a"},
    {TileWay::Pipelined, Types::Halves, 0, most, {128, 128, 5, 8, 1}, 0, "sm_90a"},
    {TileWay::Pipelined, Types::Halves, most, 0, {128, 128, 6, 8, 1}, 0, "sm_90a"},
    {TileWay::Pipelined, Types::Halves, most, 0, {128, 64, 6, 8, 1}, 0, "sm_90a"},
    {TileWay::Pipelined, Types::Halves, most, 0, {128, 256, 3, 8, 1}, 0, "sm_90a"},

    // Multiply-add: 16 x 16 threads with squares of 8 or 4 numbers.
    {TileWay::Scalar, Types::Word, 1024, most, {128, 128, 1, 8, 1}, 0, ""},
    {TileWay::Scalar, Types::Every, 0, most, {64, 64, 1, 8, 1}, 0, ""},

    // Attention: queries by keys, small heads first.
    {TileWay::Attention, Types::Halves, 1, 64, {128, 64, 1, 4, 1}, 0, ""},
    {TileWay::Attention, Types::Halves, 1, 128, {128, 64, 1, 8, 1}, 0, ""},
    {TileWay::Attention, Types::Halves, 1, most, {64, 32, 1, 4, 1}, 0, ""},
    {TileWay::Attention, Types::Halves, 1, most, {64, 16, 1, 4, 1}, 0, ""},
    {TileWay::Attention, Types::Halves, most, 0, {64, 64, 1, 4, 1}, 0, ""},
    {TileWay::Attention, Types::Halves, most, 0, {128, 32, 1, 8, 1}, 0, ""},
    // The same by wgmma: as many keys as leave all that a thread holds in registers.
    {TileWay::WarpgroupAttention, Types::Halves, 1, 64, {128, 128, 2, 8, 1}, 0, "sm_90a"},
    {TileWay::WarpgroupAttention, Types::Halves, 1, 128, {128, 96, 2, 8, 1}, 0, "sm_90a"},
    {TileWay::WarpgroupAttention, Types::Halves, 1, 192, {128, 64, 2, 8, 1}, 0, "sm_90a"},
    {TileWay::WarpgroupAttention, Types::Halves, 1, 256, {128, 32, 2, 8, 1}, 0, "sm_90a"},
    {TileWay::WarpgroupAttention, Types::Halves, most, 0, {128, 128, 3, 8, 1}, 0, "sm_90a"},
    {TileWay::Attention, Types::Single, 1, 64, {128, 32, 1, 8, 1}, 0, ""},
    {TileWay::Attention, Types::Single, 1, 128, {64, 32, 1, 4, 1}, 0, ""},
    {TileWay::Attention, Types::Single, 1, most, {64, 16, 1, 4, 1}, 0, ""},
    {TileWay::Attention, Types::Single, 1, most, {32, 16, 1, 2, 1}, 0, ""},
    {TileWay::Attention, Types::Single, most, 0, {64, 64, 1, 4, 1}, 0, ""},
    // Few queries: several blocks a multiprocessor, unless heads are too large for that.
    {TileWay::SplitAttention, Types::Every, 1, most, {16, 64, 1, 1, 4}, 80 << 10, ""},
    {TileWay::SplitAttention, Types::Every, 1, most, {16, 32, 1, 1, 2}, 80 << 10, ""},
    {TileWay::SplitAttention, Types::Every, 1, most, {16, 16, 1, 1, 1}, 0, ""},
};

struct WayName {
  TileWay way;
  StringLiteral name;
};

constexpr WayName ways[] = {
    {TileWay::Stream, "stream"},
    {TileWay::MMA, "mma"},
    {TileWay::Warpgroup, "warpgroup"},
    {TileWay::Pipelined, "pipelined"},
    {TileWay::Scalar, "scalar"},
    {TileWay::Attention, "attention"},
    {TileWay::WarpgroupAttention, "warpgroup-attention"},
    {TileWay::SplitAttention, "split-attention"},
};

bool isFor(Types types, const TileKey &key) {
  switch (types) {
  case Types::Halves: return key.type == "f16" || key.type == "bf16";
  case Types::Single: return key.type == "f32";
  case Types::Word: return key.bytes() == 4 && !key.isBatched;
  case Types::Every: return true;
  }
  llvm_unreachable("all types are above");
}

} // namespace

//===-- Keys and tiles as text --------------------------------------------===//

std::string TileKey::text() const {
  const WayName *named = find_if(ways, [&](const WayName &entry) { return entry.way == way; });
  std::string rows = std::to_string(firstRow);
  if (lastRow != firstRow)
    rows += ".." + (lastRow ? std::to_string(lastRow) : std::string());
  auto size = [](StringRef name, int64_t value) { return value ? (name + Twine(value)).str() : std::string(); };
  return (named->name + " " + type + " rows=" + rows + (isBatched ? " batched" : "") + (isBiased ? " biased" : "") +
          size(" n=", width) + size(" k=", depth))
      .str();
}

std::optional<TileKey> TileKey::parse(StringRef text) {
  SmallVector<StringRef> words;
  text.split(words, ' ');
  if (words.size() < 3)
    return std::nullopt;
  const WayName *named = find_if(ways, [&](const WayName &entry) { return entry.name == words[0]; });
  if (named == std::end(ways))
    return std::nullopt;
  TileKey key{named->way, words[1].str()};
  StringRef rows = words[2];
  if (!rows.consume_front("rows=") || rows.consumeInteger(10, key.firstRow))
    return std::nullopt;
  if (!rows.consume_front(".."))
    key.lastRow = key.firstRow;
  else if (!rows.empty() && rows.consumeInteger(10, key.lastRow))
    return std::nullopt;
  for (StringRef word : ArrayRef(words).drop_front(3)) {
    if (word == "batched")
      key.isBatched = true;
    else if (word == "biased")
      key.isBiased = true;
    else if (word.consume_front("n="))
      (void)word.getAsInteger(10, key.width);
    else if (word.consume_front("k="))
      (void)word.getAsInteger(10, key.depth);
  }
  // What is written otherwise, or is more, is no key.
  bool isCount = key.firstRow > 0 && key.lastRow >= 0 && key.width >= 0 && key.depth >= 0;
  return isCount && key.text() == text ? std::optional(key) : std::nullopt;
}

std::string TileKey::typeName(mlir::Type type) {
  std::string name;
  raw_string_ostream(name) << type;
  return name;
}

int64_t TileKey::bytes() const {
  int64_t bits = 0;
  StringRef number = StringRef(type).drop_while([](char c) { return !isDigit(c); });
  return number.getAsInteger(10, bits) ? 4 : divideCeil(bits, 8);
}

std::string Tile::text() const {
  return (Twine(rows) + "x" + Twine(columns) + " stages=" + Twine(stages) + " warps=" + Twine(warpsDown) + "x" +
          Twine(warpsAcross) + (splits > 1 ? " splits=" + std::to_string(splits) : std::string()))
      .str();
}

bool transom::isForFewRows(mlir::Operation *op) {
  if (mlir::isa<transformer::LinearOp, transformer::LinearNBitsOp>(op))
    return true;
  auto matmul = mlir::dyn_cast<transformer::MatMulOp>(op);
  return matmul && !matmul.getTransposeA() &&
         mlir::cast<mlir::RankedTensorType>(matmul.getRhs().getType()).getRank() == 2;
}

mlir::Type transom::multipliedType(transformer::MoEOp experts) {
  mlir::Type element = experts.getTokens().getType().getElementType();
  auto has = [&](mlir::Value weight) {
    return !weight || mlir::cast<mlir::RankedTensorType>(weight.getType()).getElementType() == element;
  };
  // What is packed is made as tokens are.
  bool isSame = experts.isQuantized() || (has(experts.getFirst()) && has(experts.getUp()) && has(experts.getSecond()));
  return isSame ? element : mlir::Float32Type::get(experts.getContext());
}

//===-- What a chip has ---------------------------------------------------===//

namespace {
/// What a block takes: bytes of shared memory, and numbers that each of its threads keeps between instructions.
struct Demand {
  int64_t shared, numbers;
};
} // namespace

static Demand demandOf(const TileKey &key, const Tile &tile) {
  int64_t bytes = key.bytes(), sums = tile.rows * tile.columns / tile.threads();
  switch (key.way) {
  case TileWay::Stream: {
    constexpr int64_t mostSums = 64;
    return {tile.warpsDown * tile.rows * tile.columns * std::max<int64_t>(bytes, 4),
            std::min(mostSums, tile.rows * 16 / bytes) + tile.stages * 16 / bytes};
  }
  case TileWay::MMA: {
    // Lines of slices are padded; f32 are multiplied in two parts.
    int64_t piece = 16 / bytes, slice = 4 * piece, lines = tile.rows + tile.columns;
    int64_t slices = std::max(lines * (slice + 8), slice * (lines + 16)) * tile.stages * bytes;
    int64_t results = tile.rows / tile.warpsDown * (tile.columns + 4) * 4;
    int64_t fragments = tile.rows / tile.warpsDown / 16 * 4 + tile.columns / tile.warpsAcross / 8 * 2;
    return {std::max(slices, results), sums + fragments * (bytes == 4 ? 2 : 1)};
  }
  case TileWay::Warpgroup: {
    int64_t slices = tile.stages * (tile.rows + tile.columns) * nvptx::warpgroupDepth * bytes;
    return {std::max(slices, 64 * (tile.columns + 4) * 4), sums};
  }
  case TileWay::Pipelined: {
    // A group that copies stands beside those that multiply, whose warps put results down 32 columns at a time.
    int64_t slices = tile.stages * (tile.rows + tile.columns) * nvptx::warpgroupDepth * bytes;
    return {slices + tile.rows * 36 * 4 + 16 * tile.stages, sums};
  }
  case TileWay::Scalar: return {16 * (tile.rows + tile.columns + 8) * bytes, sums};
  case TileWay::WarpgroupAttention:
    // Sums of values, scores of a tile, and the weights of the one before in 16 bits; what makes more of a score
    // is addresses and constants.
    return {nvptx::warpgroupAttentionBytes(tile, key.depth, key.width),
            key.width / 2 + tile.columns / 2 + tile.columns / 4 + (key.isBiased ? 2 * tile.columns : 0)};
  case TileWay::Attention:
  case TileWay::SplitAttention: {
    nvptx::AttentionShape shape = nvptx::AttentionShape::of(tile);
    // Sums of values, and the scores of a tile.
    int64_t held = shape.rowBlocks * 16 * (key.width + shape.keysOfWarp()) / 32;
    return {nvptx::AttentionRows::bytes(bytes, shape, key.depth, key.width), held};
  }
  }
  llvm_unreachable("all ways are above");
}

bool TileTable::fits(const TileKey &key, const Tile &tile, int64_t sharedLimit, bool isChoice) const {
  // Beside numbers that stay, addresses and fragments; beyond 255 a thread has no registers. Some below that ptxas
  // begins to spill: then no other tile is worth measuring, but large heads have none that takes less.
  constexpr int64_t others = 47, staticLimit = 48 << 10;
  const int64_t mostOfThread = isChoice ? 255 : 223;
  Demand demand = demandOf(key, tile);
  bool isStatic = key.way == TileWay::Stream || key.way == TileWay::Scalar;
  int64_t registers = demand.numbers + others;
  return demand.shared <= (isStatic ? std::min(sharedLimit, staticLimit) : sharedLimit) && registers <= mostOfThread &&
         registers * tile.threads() <= chip.registers;
}

//===-- Choices -----------------------------------------------------------===//

TileTable::TileTable(NVPTXTarget target, mlir::DictionaryAttr chosen) : chip(std::move(target)), chosen(chosen) {}

int64_t TileTable::wantedBlocks() const { return 4 * chip.multiprocessors; }

/// The most parts of a depth, and the least depth that a part may have.
static constexpr int64_t mostSplits = 8, leastDepth = 128;

bool TileTable::canSplit(const TileKey &key) const {
  bool hasFewRows = key.way == TileWay::Stream || (key.way == TileWay::MMA && key.lastRow == splitRows);
  bool isSummedAsFloat = key.type == "f16" || key.type == "bf16" || key.type == "f32";
  return hasFewRows && isSummedAsFloat && !key.isBatched && key.width && key.depth;
}

/// As many as give each multiprocessor two blocks, where what is left to each is worth the second pass: that costs a
/// launch, and streams pay it back later than tiles, whose slices wait for each other.
int64_t TileTable::splitsFor(const TileKey &key, const Tile &tile) const {
  if (!canSplit(key))
    return 1;
  constexpr int64_t streamDepth = 768, tileDepth = 192;
  int64_t blocks = divideCeil(key.width, tile.columns), least = key.way == TileWay::Stream ? streamDepth : tileDepth;
  int64_t splits = 1;
  while (splits < mostSplits && blocks * splits * 2 <= 2 * chip.multiprocessors && key.depth >= least * splits * 2)
    splits *= 2;
  return splits;
}

bool TileTable::hasSplitForm(StringRef type, int64_t width, int64_t depth) const {
  TileKey key{TileWay::MMA, type.str(), fewRows + 1, splitRows, /*isBatched=*/false, width, depth};
  SmallVector<Tile> all = candidates(key);
  return !all.empty() && all.front().splits > 1;
}

SmallVector<Tile> TileTable::candidates(const TileKey &key) const {
  SmallVector<Tile> result;
  size_t others = 0; // those that are the table's choice for other sizes come behind
  bool isAttention =
      key.way == TileWay::Attention || key.way == TileWay::WarpgroupAttention || key.way == TileWay::SplitAttention;
  int64_t size = isAttention ? std::max(key.width, key.depth) : key.width;
  // Few rows of tiles are as few tiles as narrow results are.
  if (key.way == TileWay::MMA && key.lastRow)
    size = 1;
  for (const Line &line : lines) {
    if (line.way != key.way || !isFor(line.types, key) || (!line.chip.empty() && line.chip != chip.chip))
      continue;
    Tile tile = line.tile;
    if (!tile.rows)
      tile.rows = key.lastRow ? key.lastRow : fewRows;
    tile.splits = splitsFor(key, tile);
    bool isChoice = line.from <= size && size <= line.to;
    if (!fits(key, tile, isChoice && line.shared ? line.shared : chip.sharedLimit, isChoice) ||
        is_contained(result, tile))
      continue;
    result.insert(isChoice ? result.begin() + others++ : result.end(), tile);
  }
  // Without a choice of its own a product has no tile.
  if (!others)
    return {};
  Tile other = result.front();
  for (other.splits = 1; canSplit(key) && other.splits <= mostSplits; other.splits *= 2)
    if (!is_contained(result, other) && (other.splits == 1 || key.depth >= leastDepth * other.splits))
      result.push_back(other);
  return result;
}

std::optional<Tile> TileTable::choose(const TileKey &key) const {
  SmallVector<Tile> all = candidates(key);
  if (auto measured = chosen ? chosen.getAs<mlir::StringAttr>(key.text()) : mlir::StringAttr())
    for (const Tile &tile : all)
      if (tile.text() == measured.getValue())
        return tile;
  return all.empty() ? std::nullopt : std::optional(all.front());
}

Error TileTable::check(StringRef text, StringRef tile) const {
  std::optional<TileKey> key = TileKey::parse(text);
  if (!key) {
    auto names = map_range(ways, [](const WayName &entry) { return entry.name; });
    return createStringError("'" + text +
                             "' is no product: 'WAY TYPE rows=FROM..TO [batched] [biased] [n=N] [k=K]' is, with " +
                             join(names, ", ") + " as WAY");
  }
  SmallVector<Tile> all = candidates(*key);
  if (any_of(all, [&](const Tile &candidate) { return candidate.text() == tile; }))
    return Error::success();
  if (all.empty())
    return createStringError("'" + text + "': " + chip.chip + " has no tile for it");
  auto texts = map_range(all, [](const Tile &candidate) { return "'" + candidate.text() + "'"; });
  return createStringError("'" + text + "': there is no tile '" + tile + "' for it on " + chip.chip + "; there are " +
                           join(texts, ", "));
}
