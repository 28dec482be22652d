/// The operator's port: is the process alive, is it ready, what does it measure.
@NullMarked
package dev.darkroom.worker.http;

import org.jspecify.annotations.NullMarked;
