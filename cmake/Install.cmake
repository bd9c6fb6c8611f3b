# What `cmake --install` and CPack put where. The package is the library, the headers, and the tool if it was built.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/lodge")

install(TARGETS lodge EXPORT lodge INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/lodge" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT lodge NAMESPACE lodge:: FILE lodge-targets.cmake DESTINATION "${package_dir}")

configure_package_config_file(cmake/lodge-config.cmake.in lodge-config.cmake INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(lodge-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/lodge-config.cmake"
  "${PROJECT_BINARY_DIR}/lodge-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/lodge-dependencies.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindxxHash.cmake"
  DESTINATION "${package_dir}")

# lodge.pc finds its prefix from where it lies, so that the installed tree can be moved. SQLite is no Requires.private,
# since --static would then ask for the zlib that SQLite itself would be linked with.
file(RELATIVE_PATH pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
if(BUILD_SHARED_LIBS)
  set(pc_private "")
else()
  set(pc_private "Libs.private: -lfaiss -llapack -lblas -lgomp -lhwy -lsqlite3 -lxxhash -pthread")
endif()
configure_file(cmake/lodge.pc.in lodge.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/lodge.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(FILES LICENSE TYPE DOC RENAME copyright)
install(FILES CHANGELOG.md TYPE DOC RENAME changelog)
if(TARGET lodge_tool)
  if(BUILD_SHARED_LIBS AND NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    file(RELATIVE_PATH libraries "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
    set_target_properties(lodge_tool PROPERTIES INSTALL_RPATH "$ORIGIN/${libraries}")
  endif()
  install(TARGETS lodge_tool)
  set(pages "${PROJECT_BINARY_DIR}/cli")
  install(FILES "${pages}/lodge.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
  install(FILES "${pages}/lodge.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME lodge)
  install(FILES "${pages}/_lodge" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
  install(FILES "${pages}/lodge.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()
