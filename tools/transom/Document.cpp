//===- Document.cpp - the command line, described by itself ---------------===//
//
// The man page, docs/cli.md and the shells' completions are printed from the
// same options that the parser reads, so they cannot differ from it.
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace transom;
using llvm::StringRef;

namespace {
struct Argument {
  std::string spelling; ///< "-o,--output PATH", or "MODEL" of a positional one
  std::string description;
  std::vector<std::string> flags; ///< "-o", "--output"; none: positional
  std::string type;
  bool takesValue = false, required = false;
};
} // namespace

static std::vector<Argument> argumentsOf(const CLI::App &command) {
  std::vector<Argument> result;
  for (const CLI::Option *option : command.get_options()) {
    Argument argument;
    argument.takesValue = option->get_items_expected_max() > 0;
    argument.type = argument.takesValue ? option->get_type_name() : "";
    argument.required = option->get_required();
    for (const std::string &name : option->get_snames())
      argument.flags.push_back("-" + name);
    for (const std::string &name : option->get_lnames())
      argument.flags.push_back("--" + name);
    argument.description = option->get_description();
    if (argument.flags.empty())
      argument.spelling = StringRef(option->get_name()).upper();
    else
      argument.spelling =
          llvm::join(argument.flags, ", ") + (argument.takesValue ? " " + argument.type : std::string());
    if (argument.takesValue && !option->get_default_str().empty())
      argument.description += "; default " + option->get_default_str();
    // Lines are broken for the terminal; a cell, a paragraph or a completion breaks its own.
    std::replace(argument.description.begin(), argument.description.end(), '\n', ' ');
    result.push_back(std::move(argument));
  }
  // Positional ones first, the rest as they were declared.
  std::vector<Argument> ordered;
  for (bool positional : {true, false})
    for (const Argument &argument : result)
      if (argument.flags.empty() == positional)
        ordered.push_back(argument);
  return ordered;
}

static std::vector<const CLI::App *> commandsOf(const CLI::App &app) {
  std::vector<const CLI::App *> result;
  for (const CLI::App *command :
       app.get_subcommands([](const CLI::App *command) { return command->get_group() != ""; }))
    result.push_back(command);
  return result;
}

static std::string synopsis(const CLI::App &command) {
  std::string text = "transom " + command.get_name();
  for (const Argument &argument : argumentsOf(command))
    if (argument.flags.empty())
      text += argument.required ? " " + argument.spelling : " [" + argument.spelling + "]";
  return text + " [OPTIONS]";
}

/// Text for troff: backslashes, hyphens and leading dots mean something there.
static std::string troff(StringRef text) {
  std::string result;
  bool lineStart = true;
  for (char c : text) {
    if (lineStart && (c == '.' || c == '\''))
      result += "\\&";
    lineStart = c == '\n';
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  return result;
}

static void writeMan(const CLI::App &app, llvm::raw_ostream &os) {
  os << ".TH TRANSOM 1 \"\" \"Transom " << version << "\" \"User Commands\"\n.SH NAME\ntransom \\- "
     << troff(app.get_description()) << "\n.SH SYNOPSIS\n.B transom\nCOMMAND [ARGUMENTS]\n";
  for (const CLI::App *command : commandsOf(app)) {
    os << ".SH " << StringRef(command->get_name()).upper() << "\n"
       << troff(command->get_description()) << ".\n.PP\n.B " << troff(synopsis(*command)) << "\n";
    for (const Argument &argument : argumentsOf(*command))
      os << ".TP\n.B " << troff(argument.spelling) << "\n" << troff(argument.description) << "\n";
    os << ".PP\n.nf\n" << troff(StringRef(command->get_footer()).rtrim()) << "\n.fi\n";
  }
  os << ".SH EXIT STATUS\n0: done. 1: it failed; the reasons are on stderr. 2: the command line is wrong.\n"
     << ".SH ENVIRONMENT\n.TP\n.B TRANSOM_PYTHON\nThe Python that runs other engines for verify \\-\\-against; default "
        "python3.\n";
}

/// In a cell of a table.
static std::string cell(StringRef text) {
  std::string result;
  for (char c : text)
    result += c == '|' ? std::string("\\|") : c == '<' ? std::string("&lt;") : std::string(1, c);
  return result;
}

static void writeMarkdown(const CLI::App &app, llvm::raw_ostream &os) {
  os << "# The command line\n\n<!-- Written by scripts/generate-docs.sh from the program's own options. -->\n\n"
     << app.get_description() << "\n\n| command | what |\n|---|---|\n";
  for (const CLI::App *command : commandsOf(app))
    os << "| [" << command->get_name() << "](#transom-" << command->get_name() << ") | " << command->get_description()
       << " |\n";
  os << "\nThe exit status is 0 when all went well, 1 when something failed (the reasons are on stderr, one `error: "
        "...` "
        "each), 2 when the\ncommand line is wrong.\n";
  for (const CLI::App *command : commandsOf(app)) {
    os << "\n## transom " << command->get_name() << "\n\n"
       << command->get_description() << ".\n\n```\n"
       << synopsis(*command) << "\n```\n\n| argument | what |\n|---|---|\n";
    for (const Argument &argument : argumentsOf(*command))
      os << "| `" << StringRef(argument.spelling) << "` | " << cell(argument.description) << " |\n";
    os << "\n```text\n" << StringRef(command->get_footer()).rtrim() << "\n```\n";
  }
}

/// The words that an option's value can be: those of "{word,word}", which its type is, or those known here.
static std::vector<std::string> choices(const Argument &argument) {
  static const std::map<std::string, std::vector<std::string>> known = {
      {"--against", {"onnxruntime", "reference"}},
      {"--cpu", {"native", "x86-64-v3", "x86-64-v4", "znver4", "neoverse-n1", "neoverse-v1"}}};
  if (StringRef words = argument.type; words.consume_front("{") && words.consume_back("}")) {
    llvm::SmallVector<StringRef> parts;
    words.split(parts, ',');
    return std::vector<std::string>(parts.begin(), parts.end());
  }
  for (const std::string &flag : argument.flags) {
    if (auto found = known.find(flag); found != known.end())
      return found->second;
    if (flag == "--emit") {
      std::vector<std::string> stages;
      for (Stage stage : transom::stages())
        stages.push_back(stageName(stage).str());
      return stages;
    }
  }
  return {};
}

static void writeBash(const CLI::App &app, llvm::raw_ostream &os) {
  std::vector<std::string> names;
  for (const CLI::App *command : commandsOf(app))
    names.push_back(command->get_name());
  os << "# bash completion of transom; written by `transom document bash`\n"
        "_transom() {\n"
        "  local word=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
        "  COMPREPLY=()\n"
        "  if ((COMP_CWORD == 1)); then\n"
        "    COMPREPLY=($(compgen -W '"
     << llvm::join(names, " ")
     << " --help --version' -- \"$word\"))\n    return\n  fi\n  case \"${COMP_WORDS[1]} $previous\" in\n";
  for (const CLI::App *command : commandsOf(app))
    for (const Argument &argument : argumentsOf(*command))
      if (std::vector<std::string> words = choices(argument); !words.empty())
        for (const std::string &flag : argument.flags)
          os << "    '" << command->get_name() << ' ' << flag << "') COMPREPLY=($(compgen -W '"
             << llvm::join(words, " ") << "' -- \"$word\")); return ;;\n";
  os << "  esac\n  if [[ $word == -* ]]; then\n    case \"${COMP_WORDS[1]}\" in\n";
  for (const CLI::App *command : commandsOf(app)) {
    std::vector<std::string> flags;
    for (const Argument &argument : argumentsOf(*command))
      flags.insert(flags.end(), argument.flags.begin(), argument.flags.end());
    os << "      " << command->get_name() << ") COMPREPLY=($(compgen -W '" << llvm::join(flags, " ")
       << "' -- \"$word\")) ;;\n";
  }
  os << "    esac\n    return\n  fi\n  COMPREPLY=($(compgen -f -- \"$word\"))\n}\n"
        "complete -o filenames -F _transom transom\n";
}

/// A word in single quotes for zsh's _arguments: brackets, colons and quotes mean something there.
static std::string zshText(StringRef text) {
  std::string result;
  for (char c : text)
    if (c == '\'')
      result += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      (result += '\\') += c;
    else
      result += c;
  return result;
}

static void writeZsh(const CLI::App &app, llvm::raw_ostream &os) {
  os << "#compdef transom\n# zsh completion of transom; written by `transom document zsh`\n_transom() {\n"
        "  if ((CURRENT == 2)); then\n    local -a commands=(\n";
  for (const CLI::App *command : commandsOf(app))
    os << "      '" << command->get_name() << ':' << zshText(command->get_description()) << "'\n";
  os << "    )\n    _describe command commands\n    return\n  fi\n"
        "  local command=\"$words[2]\"\n  shift words\n  ((CURRENT--))\n  case \"$command\" in\n";
  for (const CLI::App *command : commandsOf(app)) {
    os << "    " << command->get_name() << ")\n      _arguments";
    for (const Argument &argument : argumentsOf(*command))
      for (const std::string &flag : argument.flags) {
        os << " \\\n        '*" << flag
           << (!argument.takesValue                ? ""
               : StringRef(flag).starts_with("--") ? "="
                                                   : "+")
           << '[' << zshText(argument.description) << ']';
        if (argument.takesValue) {
          std::vector<std::string> words = choices(argument);
          os << ':' << zshText(argument.type) << ':' << (words.empty() ? "_files" : "(" + llvm::join(words, " ") + ")");
        }
        os << '\'';
      }
    os << " \\\n        '*:file:_files'\n      ;;\n";
  }
  os << "  esac\n}\n_transom \"$@\"\n";
}

void cli::addDocument(CLI::App &app, int &status) {
  auto format = std::make_shared<std::string>();
  CLI::App *documenting = app.add_subcommand("document", "Print the man page, docs/cli.md or a completion");
  documenting->group("");
  documenting->add_option("format", *format, "man, markdown, bash or zsh")
      ->required()
      ->check(CLI::IsMember({"man", "markdown", "bash", "zsh"}));
  documenting->callback([&app, format, &status] {
    auto write = *format == "man"        ? writeMan
                 : *format == "markdown" ? writeMarkdown
                 : *format == "bash"     ? writeBash
                                         : writeZsh;
    write(app, llvm::outs());
    status = Success;
  });
}
