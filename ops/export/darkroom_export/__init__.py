"""Turns diffusers pipelines into Darkroom model folders, and computes what a folder must reproduce."""
