/// The worker's configuration: one file and the environment, read once into immutable records. The
/// only package that reads the environment.
@NullMarked
package dev.darkroom.worker.config;

import org.jspecify.annotations.NullMarked;
