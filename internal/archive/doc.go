// Package archive packs files of this machine into tar streams for a container,
// and unpacks those that come from one.
//
// [Place] says where a copy ends up, by the rules of docker cp; [Pack] and
// [Unpack] give the copied file the name it has there. Nothing that is unpacked
// leaves the directory it is unpacked into, whatever names and links the stream
// holds.
package archive
