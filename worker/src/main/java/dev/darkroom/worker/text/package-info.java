/// Tokenizers: from a prompt to the numbers that a text encoder takes.
@NullMarked
package dev.darkroom.worker.text;

import org.jspecify.annotations.NullMarked;
