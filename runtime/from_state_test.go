package runtime

import (
	"slices"
	"testing"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// TestProjectFromOddLabels rebuilds a project that can be taken down whatever
// its labels say.
func TestProjectFromOddLabels(t *testing.T) {
	state := planner.State{}
	for service, needs := range map[string]string{
		"a":    "b:service_started:false",
		"b":    "c:service_healthy:true,gone:service_started:false", // older than the files
		"c":    "a:service_started:false,c",
		"d":    "a:no_such_condition:maybe,:service_started:false,,",
		"":     "a:service_started:false", // made by hand
		"e:f,": "a",
	} {
		state.Containers = append(state.Containers, planner.Container{
			ID: "id-" + service, Name: "app-" + service, Service: service, Number: 1, Phase: planner.Running,
			Labels: map[string]string{project.LabelDependsOn: needs},
		})
	}
	p, err := ProjectFromState("app", state)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.ServiceNames(), []string{"a", "b", "c", "d", "e:f,"}; !slices.Equal(got, want) {
		t.Errorf("services %q, want %q", got, want)
	}
	for _, edge := range p.Edges("d") {
		if edge.Condition != project.Started {
			t.Errorf("d waits for %s", edge.Condition)
		}
	}
	plan, err := planner.Down(p, state, planner.DownOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range plan.Steps {
		if step.Op.Target().Name == "" {
			t.Errorf("touches what no service made: %s", step.ID)
		}
	}
	if len(plan.Notes) == 0 {
		t.Error("what no service made is not named")
	}
}
