//===- Checked.h - lists whose bounds are a node's fault --------*- C++ -*-===//
//
// Rules ask for the dims and numbers that their operator has. A node whose inputs
// or attributes have fewer ends its rule there; the importer says so.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_IMPORT_CHECKED_H
#define TRANSOM_LIB_IMPORT_CHECKED_H

#include "llvm/ADT/ArrayRef.h"

namespace transom {

/// Thrown by rules, as the next, and caught where the importer calls them: the node has failed.
struct EndOfRule {};
/// The same, and nothing has been said yet.
struct OutOfRange {
  size_t index, size;
};

template <typename Vector> class Checked : public Vector {
public:
  using Vector::Vector;
  Checked() = default;
  Checked(const Vector &values) : Vector(values) {}
  Checked(Vector &&values) : Vector(std::move(values)) {}

  auto &operator[](size_t i) { return ask(i), Vector::operator[](i); }
  const auto &operator[](size_t i) const { return ask(i), Vector::operator[](i); }
  auto &front() { return ask(0), Vector::front(); }
  const auto &front() const { return ask(0), Vector::front(); }
  auto &back() { return ask(0), Vector::back(); }
  const auto &back() const { return ask(0), Vector::back(); }
  void pop_back() { ask(0), Vector::pop_back(); }
  void pop_back_n(size_t count) {
    if (count)
      ask(count - 1);
    Vector::pop_back_n(count);
  }
  auto drop_front(size_t count = 1) const { return askAll(count), part(count, this->size() - count); }
  auto drop_back(size_t count = 1) const { return askAll(count), part(0, this->size() - count); }
  auto take_front(size_t count) const { return askAll(count), part(0, count); }

private:
  auto part(size_t from, size_t count) const {
    return llvm::ArrayRef<typename Vector::value_type>(this->data() + from, count);
  }
  void askAll(size_t count) const {
    if (count)
      ask(count - 1);
  }
  void ask(size_t i) const {
    if (i >= this->size())
      throw OutOfRange{i, this->size()};
  }
};

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_CHECKED_H
