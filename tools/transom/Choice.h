//===- Choice.h - options that take one of a few words ----------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_CHOICE_H
#define TRANSOM_TOOLS_TRANSOM_CHOICE_H

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace transom::cli {

/// An option that takes one of a few words, which the help shows as {word,word}.
template <typename T>
CLI::Option *addChoice(CLI::App &command, const std::string &name, T &value, const std::string &description,
                       std::vector<std::pair<std::string, T>> choices) {
  std::vector<std::string> words;
  for (const auto &choice : choices)
    words.push_back(choice.first);
  auto choose = [&value, choices = std::move(choices)](const std::string &word) {
    for (const auto &[name, meant] : choices)
      if (name == word)
        value = meant;
  };
  return command.add_option_function<std::string>(name, choose, description)
      ->check(CLI::IsMember(words).description(""))
      ->type_name("{" + CLI::detail::join(words) + "}");
}

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_CHOICE_H
