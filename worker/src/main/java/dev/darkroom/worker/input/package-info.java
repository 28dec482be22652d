/// A job's inputs: where they may lie, how they are fetched, and the pictures that they are. What a
/// submitter names is not trusted: addresses are held to allow-lists, and contents to limits.
@NullMarked
package dev.darkroom.worker.input;

import org.jspecify.annotations.NullMarked;
