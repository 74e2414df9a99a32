"""One module a step. A step says everything itself and imports no models, which will have moved on."""
