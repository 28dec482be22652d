/// ONNX Runtime behind the ports of the device lane: nothing else imports it.
///
/// Inputs and outputs are bound by what a graph declares, never by what its name suggests.
@NullMarked
package dev.darkroom.worker.onnx;

import org.jspecify.annotations.NullMarked;
