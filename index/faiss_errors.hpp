#pragma once

#include <lodge/error.hpp>

#include <exception>
#include <new>

namespace lodge::index {

/// Calls what works with FAISS, whose exceptions end here.
template <class Function>
auto attempt(errc code, Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, "while FAISS worked on a graph"};
  } catch (const std::exception& failure) {
    return error{code, failure.what()};
  }
}

} // namespace lodge::index
