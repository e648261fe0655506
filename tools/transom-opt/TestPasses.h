//===- TestPasses.h - passes that tests need and no pipeline has *- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_OPT_TESTPASSES_H
#define TRANSOM_TOOLS_TRANSOM_OPT_TESTPASSES_H

namespace transom {
void registerTestPasses();
} // namespace transom

#endif // TRANSOM_TOOLS_TRANSOM_OPT_TESTPASSES_H
