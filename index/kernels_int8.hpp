#pragma once

#include "index/kernels.hpp"

namespace lodge::index {

/// The part of `kernels_for` for vectors of whole numbers with a scale.
///
/// A row's scale is its largest value's size over 127, rounded up to 16 bits, so that its numbers are its values over
/// the scale, each off by half a scale at most. A query has two bytes a value: next to the rows' error its own does not
/// count. Products are summed as whole numbers, which fit 32 bits at every dimension.
kernels int8_kernels_for(metric value);

} // namespace lodge::index
