#pragma once

#include "bench/figures.hpp"
#include "bench/markdown.hpp"

#include <string>

namespace lodge::bench {

class markdown_table;

/// Writes FOLDER/RESULTS.md from the journal there, and shows it. A curve that is there as curve-DATA.svg is shown
/// in it.
void write_report(const std::string& folder);

/// Writes, for gnuplot, FOLDER/curve-DATA.dat for each data that was searched, a block a contestant with recall and
/// queries a second; and FOLDER/timeline.dat, if there was that part.
void write_curves(const std::string& folder);

// The sections of the report; empty without figures of their part.
std::string machine_section(const figures& all);
std::string aims_section(const figures& all);
/// Lines of the table of aims, of one data.
void add_form_aims(markdown_table& to, const figures& all, const std::string& data);
std::string build_section(const figures& all);
std::string search_section(const figures& all, const std::string& folder);
std::string exact_section(const figures& all);
std::string filter_section(const figures& all);
std::string form_section(const figures& all);
std::string open_section(const figures& all);
std::string text_section(const figures& all);
std::string write_section(const figures& all);
std::string mixed_section(const figures& all);
std::string churn_section(const figures& all);
std::string timeline_section(const figures& all, const std::string& folder);
std::string processes_section(const figures& all);
std::string holder_section(const figures& all);

// Rows of the table of aims.
void add_text_aims(markdown_table& to, const figures& all);

/// Of openings of one contestant: the memory that they took, as a multiple of what vectors and links take.
double memory_ratio(const figures& openings);
/// Of scans: bytes read a second, as a share of what one core reads of an array as large as the rows; 0 if unknown.
double share_of_bandwidth(const figures& all, const figures& scans);

} // namespace lodge::bench
