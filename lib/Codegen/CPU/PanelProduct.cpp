//===- PanelProduct.cpp - rows times a matrix in panels -------------------===//

#include "PanelProduct.h"

using namespace mlir;
using namespace transom::cpu;

namespace {

/// Tiles that fetch a part of a panel together.
constexpr int64_t tilesOfPart = 4;
/// Rows of a panel ahead of the one in use: far enough for the latency of memory,
/// near enough to stay in L1.
constexpr int64_t rowsAhead = 64;

/// Rows of a block where K is one pass: each panel is finished while its sums are in L1.
constexpr int64_t mostRowsOfOnePass = 96;

/// How much of K one pass takes: a panel's part and a tile's rows stay in L1. Of a panel of several tiles a part has
/// every so many lines, which meet in as few of L1's sets: six of the eight lines that a set of 32 KiB holds.
int64_t depthOfPass(Value depth, int64_t across) {
  int64_t most = across > 1 ? 96 : 384, usual = across > 1 ? 96 : 256;
  std::optional<int64_t> k = getConstantIntValue(depth);
  if (!k)
    return usual;
  if (*k <= most)
    return std::max<int64_t>(*k, 1); // of none there is no pass, and sums of zero
  for (int64_t part = most; part >= usual / 2; part -= 4)
    if (*k % part == 0)
      return part;
  return usual;
}

} // namespace

int64_t transom::cpu::mostRowsBoundByMemory(const KernelBuilder &kb) { return tilesOfPart * kb.shape.tileRows() - 1; }

PanelProduct::PanelProduct(KernelBuilder &kb, const PanelOperands &operands, Value sums)
    : sums(sums), kb(kb), in(operands), columns(kb.shape.panelColumns()), across(operands.packedColumns / columns) {
  assert(across <= kb.shape.blockPanels() && "a group is of whole panels in memory");
}

bool PanelProduct::isOnePass() const { return getConstantIntValue(in.depth) == depthOfPass(in.depth, across); }

int64_t PanelProduct::mostRowsOfBlock() const {
  return isOnePass() ? llvm::alignDown(mostRowsOfOnePass / in.b.size(), kb.shape.tileRows()) : kb.shape.blockRows();
}

int64_t PanelProduct::panelsOfGroup() const {
  return isOnePass() ? 1 : std::max<int64_t>(kb.shape.blockPanels() / in.b.size(), across);
}

int64_t PanelProduct::sumFloats(KernelBuilder &kb, const PanelOperands &operands) {
  PanelProduct product(kb, operands, Value());
  return product.mostRowsOfBlock() * product.columns * product.panelsOfGroup() * operands.b.size();
}

int64_t PanelProduct::mostRowsOfPart(const PanelOperands &operands, int64_t columns) {
  return depthOfPass(operands.depth, operands.packedColumns / columns);
}

Value PanelProduct::lineOf(const Block &block, Value panel, Value k) {
  Value whole = kb.div(panel, kb.index(across));
  return kb.add(kb.add(block.bOffset, kb.mul(whole, block.panelSize)), kb.mul(k, kb.index(in.packedColumns)));
}

Value PanelProduct::partOf(const Block &block, Value panel, Value k) {
  return kb.add(lineOf(block, panel, k), kb.mul(kb.rem(panel, kb.index(across)), kb.index(columns)));
}

PanelProduct::Block PanelProduct::blockOf(Value from, Value to, Value firstPanel, Value endPanel, Value aOffset,
                                          Value bOffset) {
  Block block = {from, to, firstPanel, endPanel, aOffset, bOffset, {}, {}, {}, {}, {}, {}};
  block.panelSize = kb.mul(in.depth, kb.index(in.packedColumns));
  block.sumSize = kb.mul(kb.sub(to, from), kb.index(columns));
  return block;
}

TileOperands PanelProduct::tileOf(Value panels, Value part, Value aOffset, Value depth) {
  TileOperands operands;
  operands.a = in.a;
  operands.aStride = in.aStride;
  operands.aOffset = aOffset;
  operands.b = panels;
  operands.bStride = kb.index(in.packedColumns);
  operands.bOffset = part;
  operands.bElement = in.bElement;
  operands.depth = depth;
  return operands;
}

/// Few rows are bound by memory, and take a matrix's panel from end to end, as memory has it; of more a pass's part
/// stays in L2 for all matrices.
PanelProduct::Step PanelProduct::stepAt(const Block &block, Value number) {
  Value matrices = kb.index(in.b.size()), pass = kb.index(depthOfPass(in.depth, across));
  if (in.b.size() == 1)
    return {kb.index(0), kb.mul(number, pass)};
  Value passes = kb.div(block.steps, matrices);
  Value matrix = kb.select(block.isFew, kb.div(number, passes), kb.rem(number, matrices));
  Value k = kb.select(block.isFew, kb.rem(number, passes), kb.div(number, matrices));
  return {matrix, kb.mul(k, pass)};
}

/// The part that comes after the one of `panel` in a step: of the next panel in memory, or of the first in the next
/// step or group; and of it the share of this panel.
PanelProduct::Place PanelProduct::nextPart(const Block &block, Value step, Value panel, Value passDepth) {
  Value panelAfter = kb.add(panel, kb.index(across)), stepAfter = kb.add(step, kb.index(1));
  Value isBefore = kb.less(panelAfter, block.endPanel), isEnd = kb.equal(stepAfter, block.steps);
  Step now = stepAt(block, step), after = stepAt(block, kb.select(isEnd, kb.index(0), stepAfter));
  Value nextPanel = kb.select(isBefore, panelAfter, kb.select(isEnd, panelAfter, block.firstPanel));
  Value next = lineOf(block, nextPanel, kb.select(isBefore, now.k, after.k));
  Value within = kb.rem(panel, kb.index(across));
  return {panelsOf(kb.select(isBefore, now.matrix, after.matrix)),
          kb.add(next, kb.mul(within, kb.mul(passDepth, kb.index(columns))))};
}

/// Tiles share the work of fetching the next part, so that memory and arithmetic go on side by side; a single one is
/// bound by memory, and asks for rows that it needs soon, unless it takes a panel in memory piece by piece.
void PanelProduct::fetchAhead(const Block &block, Value row, Value part, Place next, Value partSize,
                              TileOperands &operands) {
  Value tile = kb.ceilDiv(kb.sub(row, block.from), kb.shape.tileRows());
  Value shared = kb.add(next.offset, kb.mul(tile, kb.div(partSize, block.tiles)));
  Value soon = kb.add(part, kb.index(rowsAhead * columns));
  operands.ahead = across > 1 ? shared : kb.select(block.isOneTile, soon, shared);
  operands.aheadBuffer = across > 1 ? next.panels : kb.select(block.isOneTile, operands.b, next.panels);
  operands.aheadStep = kb.div(kb.add(kb.index(columns - 1), block.tiles), block.tiles);
}

Value PanelProduct::panelsOf(Value matrix) {
  Value panels = in.b[0];
  for (size_t i = 1; i < in.b.size(); ++i)
    panels = kb.select(kb.equal(matrix, kb.index(i)), in.b[i], panels);
  return panels;
}

void PanelProduct::writePart(const Block &block, Value step, Value panel) {
  auto [matrix, k] = stepAt(block, step);
  int64_t vectors = columns / kb.shape.lanes(), pass = depthOfPass(in.depth, across);
  Value left = kb.sub(in.depth, k);
  std::optional<int64_t> known = getConstantIntValue(in.depth);
  Value passDepth = known && *known % pass == 0 ? kb.index(pass) : kb.min(left, kb.index(pass));
  Value part = in.makePart ? kb.index(0) : partOf(block, panel, k);
  if (in.makePart)
    in.makePart(panel, k, passDepth);
  Value partSize = kb.mul(passDepth, kb.index(columns));
  Value panels = panelsOf(matrix);
  Place next = in.isWeight ? nextPart(block, step, panel, passDepth) : Place();
  forRowTiles(kb, block.from, block.to, [&](Value row, int64_t count) {
    Value aOffset = kb.add(kb.add(block.aOffset, k), kb.mul(row, in.aStride));
    TileOperands operands = tileOf(panels, part, aOffset, passDepth);
    if (in.isWeight)
      fetchAhead(block, row, part, next, partSize, operands);
    Value place = placeOf(block, matrix, panel, row);
    if (!isOnePass()) {
      operands.c = sums;
      operands.cOffset = place;
      operands.cStride = kb.index(columns);
    }
    storeTile(kb, writeTileProduct(kb, operands, count, vectors), vectors, sums, place, kb.index(columns));
  });
}

/// Pass by pass through K over all panels, so that a pass's part of the rows stays in L2 while the panels go by and
/// each panel is read once; sums are in memory between passes. Then what follows the product.
void PanelProduct::writeRows(Value from, Value to, Value firstPanel, Value endPanel, Value aOffset, Value bOffset,
                             Finish finish) {
  Block block = blockOf(from, to, firstPanel, endPanel, aOffset, bOffset);
  block.tiles = kb.min(kb.ceilDiv(kb.sub(to, from), kb.shape.tileRows()), kb.index(tilesOfPart));
  block.isOneTile = kb.equal(block.tiles, kb.index(1));
  block.isFew = kb.less(kb.sub(to, from), kb.index(mostRowsBoundByMemory(kb) + 1));
  block.steps = kb.mul(kb.ceilDiv(in.depth, depthOfPass(in.depth, across)), kb.index(in.b.size()));
  if (!isOnePass())
    kb.loop(sumsOf(block, endPanel), [&](Value i) { kb.store(kb.f32(0), sums, i, kb.b.getF32Type()); });
  kb.loop(block.steps, [&](Value step) {
    kb.loop(firstPanel, endPanel, kb.index(1), [&](Value panel) { writePart(block, step, panel); });
  });
  finishPanels(block, finish);
}

void PanelProduct::finishPanels(const Block &block, Finish finish) {
  kb.loop(block.firstPanel, block.endPanel, kb.index(1), [&](Value panel) {
    Value first = kb.mul(panel, kb.index(columns)), size = kb.sizeOfPart(in.width, first, columns);
    kb.loop(block.from, block.to, kb.index(1), [&](Value row) {
      SmallVector<Value, 2> places;
      for (size_t matrix = 0; matrix < in.b.size(); ++matrix)
        places.push_back(placeOf(block, kb.index(matrix), panel, row));
      finish(row, first, size, places);
    });
  });
}

/// A few panels side by side, from end to end: nothing has to stay near, and memory gives more by several streams.
void PanelProduct::writeOneRow(Value firstPanel, Value endPanel, Value aOffset, Value bOffset, Finish finish) {
  int64_t vectors = columns / kb.shape.lanes(), beside = across > 1 ? across : kb.shape.panelsBeside();
  auto writePanels = [&](Value panel, int64_t count) {
    Block block = blockOf(kb.index(0), kb.index(1), panel, kb.add(panel, kb.index(count)), aOffset, bOffset);
    auto writeMatrix = [&](Value matrix) {
      TileOperands operands = tileOf(panelsOf(matrix), partOf(block, panel, kb.index(0)), aOffset, in.depth);
      operands.panelVectors = vectors;
      operands.panelStride = across > 1 ? kb.index(columns) : block.panelSize;
      SmallVector<Value> row = writeTileProduct(kb, operands, 1, count * vectors);
      for (int64_t i = 0; i < count; ++i) {
        Value place = placeOf(block, matrix, kb.add(panel, kb.index(i)), kb.index(0));
        storeTile(kb, ArrayRef(row).slice(i * vectors, vectors), vectors, sums, place, kb.index(columns));
      }
    };
    if (in.b.size() == 1)
      writeMatrix(kb.index(0));
    else
      kb.loop(kb.index(in.b.size()), writeMatrix);
    finishPanels(block, finish);
  };
  auto writeEach = [&](Value from, Value to) {
    kb.loop(from, to, kb.index(1), [&](Value panel) { writePanels(panel, 1); });
  };
  // Tiles of a panel in memory begin where it does.
  Value begin = kb.min(kb.mul(kb.ceilDiv(firstPanel, across), kb.index(across)), endPanel);
  Value groups = kb.div(kb.sub(endPanel, begin), kb.index(beside));
  Value end = kb.add(begin, kb.mul(groups, kb.index(beside)));
  if (across > 1)
    writeEach(firstPanel, begin);
  kb.loop(begin, end, kb.index(beside), [&](Value panel) { writePanels(panel, beside); });
  writeEach(end, endPanel);
}

void PanelProduct::writeBlocks(Value rows, Value firstPanel, Value endPanel, Value aOffset, Value bOffset,
                               Finish finish) {
  auto writeMany = [&] { writeManyRows(rows, firstPanel, endPanel, aOffset, bOffset, finish); };
  if (in.makePart || kb.shape.panelsBeside() == 1)
    return writeMany();
  kb.when(kb.equal(rows, kb.index(1)), [&] { writeOneRow(firstPanel, endPanel, aOffset, bOffset, finish); }, writeMany);
}

void PanelProduct::writeManyRows(Value rows, Value firstPanel, Value endPanel, Value aOffset, Value bOffset,
                                 Finish finish) {
  // Panels that stay in L3 pass over blocks of rows.
  int64_t k = getConstantIntValue(in.depth).value_or(1024), tileRows = kb.shape.tileRows();
  int64_t ofPanel = std::max<int64_t>(1, k * columns * in.b.size());
  int64_t near = std::max<int64_t>(1, (int64_t(1) << 20) / ofPanel);
  near = llvm::alignTo(near, across);
  // Blocks of about the same size: a small one would read all panels for little.
  Value blocks = kb.max(kb.ceilDiv(rows, mostRowsOfBlock()), kb.index(1));
  Value even = kb.div(kb.add(rows, kb.sub(blocks, kb.index(1))), blocks);
  Value blockRows = kb.mul(kb.ceilDiv(even, tileRows), kb.index(tileRows));
  blockRows = kb.max(blockRows, kb.index(tileRows));
  // Few rows take each panel from end to end, as memory has it.
  Value group = kb.select(kb.less(kb.index(mostRowsBoundByMemory(kb)), rows), kb.index(panelsOfGroup()), kb.index(1));
  // Tiles side by side go through a panel in memory together.
  auto forGroups = [&](Value first, Value end, llvm::function_ref<void(Value, Value)> body) {
    if (isOnePass() || across == 1) {
      kb.loop(first, end, group, [&](Value panel) { body(panel, kb.min(kb.add(panel, group), end)); });
      return;
    }
    kb.loop(kb.div(first, kb.index(across)), kb.ceilDiv(end, across), kb.index(1), [&](Value whole) {
      Value start = kb.mul(whole, kb.index(across));
      body(kb.max(start, first), kb.min(kb.add(start, kb.index(across)), end));
    });
  };
  kb.loop(firstPanel, endPanel, kb.index(near), [&](Value first) {
    Value end = kb.min(kb.add(first, kb.index(near)), endPanel);
    kb.loop(kb.index(0), rows, blockRows, [&](Value row) {
      Value rowEnd = kb.min(kb.add(row, blockRows), rows);
      forGroups(first, end, [&](Value panel, Value panelEnd) {
        writeRows(row, rowEnd, panel, panelEnd, aOffset, bOffset, finish);
      });
    });
  });
}

void transom::cpu::packPanels(KernelBuilder &kb, Value matrix, bool transposed, Value to,
                              llvm::function_ref<Value(ArrayRef<Value>)> isNeeded) {
  int64_t columns = kb.shape.panelColumns();
  SmallVector<Value> own = kb.dimsOf(matrix);
  size_t rank = own.size();
  Value depth = own[rank - (transposed ? 1 : 2)], width = own[rank - (transposed ? 2 : 1)];
  SmallVector<Value> dims(own.begin(), own.end() - 2);
  dims.append({kb.ceilDiv(width, columns), depth});
  auto packLine = [&](ArrayRef<Value> at) {
    Value position = kb.mul(kb.linear(at, dims), kb.index(columns));
    Value first = kb.mul(at[at.size() - 2], kb.index(columns)), k = at.back();
    Value size = kb.sizeOfPart(width, first, columns);
    kb.loop(size, [&](Value j) {
      Index from(at.drop_back(2));
      Value column = kb.add(first, j);
      if (transposed)
        from.append({column, k});
      else
        from.append({k, column});
      kb.store(kb.element(matrix, from), to, kb.add(position, j), kb.b.getF32Type());
    });
    kb.loop(size, kb.index(columns), kb.index(1),
            [&](Value j) { kb.store(kb.f32(0), to, kb.add(position, j), kb.b.getF32Type()); });
  };
  kb.parallelNest(
      dims,
      [&](ArrayRef<Value> at) {
        if (isNeeded)
          kb.when(isNeeded(at.drop_back(2)), [&] { packLine(at); });
        else
          packLine(at);
      },
      0);
}
