# `cpack -G DEB`: one Debian package of what Install.cmake installs. Configure with -DCMAKE_INSTALL_PREFIX=/usr, so that
# the library goes where Debian has libraries. CPACK_PACKAGE_CONTACT names who answers for the package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_PACKAGE_CONTACT "The lodge developers <developers@lodge.invalid>" CACHE STRING "Maintainer of the package")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "embedded vector store in one SQLite file")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"lodge stores vectors with their keys and metadata durably in one SQLite file,
and finds the nearest to a query by the HNSW graph of FAISS. Programs in C++20
embed it by blocking calls, or by typed messages of the C++ Actor Framework.

This package has the library, its headers, CMake and pkg-config files, and the
command lodge, which imports, searches and checks such files.")

# The tool's libraries are found by dpkg-shlibdeps; what a program is compiled and linked with has no other witness.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/actors")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcaf-dev (>= 0.17.6), libcaf-dev (<< 0.18)")
if(NOT BUILD_SHARED_LIBS)
  string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", libfaiss-dev (>= ${faiss_VERSION}), libfaiss-dev (<< ${faiss_VERSION}.0~), "
    "libhwy-dev (>= 1.0.3), libsqlite3-dev (>= 3.40), libxxhash-dev")
endif()

set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
string(TIMESTAMP package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(cmake/changelog.Debian.in changelog.Debian @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/CompressPackage.cmake")
set(CPACK_LODGE_CHANGELOG "${PROJECT_BINARY_DIR}/changelog.Debian")
include(CPack)
