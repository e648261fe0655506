//===- Checked.h - lists whose bounds are a node's fault --------*- C++ -*-===//
//
// Rules ask for the dims and numbers that their operator has. A node whose inputs
// or attributes have fewer ends its rule there; the importer says so.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_IMPORT_CHECKED_H
#define TRANSOM_LIB_IMPORT_CHECKED_H

#include <cstddef>

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

private:
  void ask(size_t i) const {
    if (i >= this->size())
      throw OutOfRange{i, this->size()};
  }
};

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_CHECKED_H
