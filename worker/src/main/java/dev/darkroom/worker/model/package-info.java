/// Models: the catalogue of names, the folders they lie in, and the loaded ones, leased to jobs and
/// kept under a memory budget.
@NullMarked
package dev.darkroom.worker.model;

import org.jspecify.annotations.NullMarked;
