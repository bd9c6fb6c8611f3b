#include "tests/torture/plan.hpp"

#include <cstdio>
#include <exception>
#include <sstream>

namespace lodge::torture {

namespace {

std::optional<faults> parse_faults(const std::string& names) {
  faults chosen{false, false, false};
  std::istringstream in{names};
  for (std::string name; std::getline(in, name, ',');) {
    if (name == "kill")
      chosen.kill = true;
    else if (name == "points")
      chosen.points = true;
    else if (name == "stop")
      chosen.stop = true;
    else if (name != "none")
      return std::nullopt;
  }
  return chosen;
}

bool set(plan& made, const std::string& option, const std::string& value) {
  if (option == "--seed")
    made.seed = std::stoull(value);
  else if (option == "--seconds")
    made.seconds = std::stod(value);
  else if (option == "--kills")
    made.kills = static_cast<unsigned>(std::stoul(value));
  else if (option == "--processes")
    made.processes = static_cast<unsigned>(std::stoul(value));
  else if (option == "--directory")
    made.directory = value;
  else if (option != "--faults")
    return false;
  else if (const auto chosen = parse_faults(value))
    made.faults = *chosen;
  else
    return false;
  return made.processes > 0;
}

bool understood(plan& made, const std::string& option, const std::string& value) {
  try {
    return set(made, option, value);
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace

std::optional<plan> parse(const std::vector<std::string>& options) {
  plan made;
  for (std::size_t i = 0; i < options.size(); i += 2)
    if (i + 1 == options.size() || !understood(made, options[i], options[i + 1])) {
      std::fprintf(stderr,
                   "torture: '%s' is not understood\n"
                   "torture [--seed N] [--seconds N] [--kills N] [--processes N] [--faults kill,points,stop|none]"
                   " [--directory PATH]\n",
                   options[i].c_str());
      return std::nullopt;
    }
  return made;
}

std::string to_options(const plan& what) {
  std::string chosen;
  for (const auto& [on, name] :
       {std::pair{what.faults.kill, "kill"}, {what.faults.points, "points"}, {what.faults.stop, "stop"}})
    if (on)
      chosen.append(chosen.empty() ? "" : ",").append(name);
  std::ostringstream out;
  out << "--seed " << what.seed << " --seconds " << what.seconds << " --kills " << what.kills << " --processes "
      << what.processes << " --faults " << (chosen.empty() ? "none" : chosen);
  return out.str();
}

} // namespace lodge::torture
