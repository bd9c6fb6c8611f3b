# What an installed lodge is linked with, in the versions that its CMakeLists.txt asks for: its headers include CAF's,
# and a static library brings no others along.
include(CMakeFindDependencyMacro)
find_dependency(CAF 0.17.6 COMPONENTS core)
if(NOT lodge_is_shared)
  find_dependency(SQLite3 3.40)
  find_dependency(OpenMP COMPONENTS CXX)
  # FAISS's classes change their layout between versions, and lodge's objects have that of the headers they saw.
  find_dependency(faiss ${lodge_faiss_version} EXACT)
  find_dependency(hwy 1.0.3 CONFIG)
  find_dependency(xxHash)
endif()
set(lodge_has_dependencies TRUE)
