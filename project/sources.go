package project

// Sources maps paths of the model to the places in the files that set them.
type Sources struct{}
