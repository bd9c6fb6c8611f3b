#pragma once

#include "bench/figures.hpp"

#include <string>

namespace lodge::bench {

/// Writes FOLDER/RESULTS.md from the journal there, and shows it. A curve that is there as curve-DATA.svg is shown
/// in it.
void write_report(const std::string& folder);

/// Writes FOLDER/curve-DATA.dat for each data that was searched: for gnuplot, a block a contestant with recall and
/// queries a second.
void write_curves(const std::string& folder);

// The sections of the report; empty without figures of their part.
std::string machine_section(const figures& all);
std::string aims_section(const figures& all);
std::string build_section(const figures& all);
std::string search_section(const figures& all, const std::string& folder);
std::string open_section(const figures& all);
std::string write_section(const figures& all);
std::string processes_section(const figures& all);
std::string holder_section(const figures& all);

} // namespace lodge::bench
