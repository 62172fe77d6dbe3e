"""What the story asks of the public endpoint: documents that any client could send."""

from __future__ import annotations

FAMILY = """
query Family {
  me { name }
  myFamilies {
    nodes {
      id name reference
      team {
        id
        lead { membership { name } }
        members { id name kind agency { name } isLead familyMember { id } }
      }
    }
  }
}
"""

PREVIEW = """
query Preview($input: ConveneTafMeetingInput!) {
  done: previewConveneTafMeeting(input: $input) {
    __typename
    ... on Problem { code message }
    ... on MeetingPreview {
      warnings { code message }
      messages { name howTold sends why subject }
    }
  }
}
"""

CONVENE = """
mutation Convene($input: ConveneTafMeetingInput!) {
  done: conveneTafMeeting(input: $input) {
    __typename
    ... on Problem { code message }
    ... on ConfirmationNeeded { warnings { code message } }
    ... on MeetingConvened { meeting { id startsAt } }
  }
}
"""

MEETING = """
query Meeting($id: ID!) {
  meeting(id: $id) {
    startsAt
    invitations { name invitedBy answer comment deliveries { state words } }
  }
}
"""

RAISE = """
mutation Raise($input: RaiseActionInput!) {
  done: raiseAction(input: $input) {
    __typename
    ... on Problem { code message }
    ... on ActionRaised { action { id dueOn owner { name } version } }
  }
}
"""

REPORT = """
mutation Report($input: ReportProgressInput!) {
  done: reportProgress(input: $input) {
    __typename
    ... on Problem { code message }
    ... on ProgressReported { action { id status } }
  }
}
"""

LOOK = "query Look($id: ID!) { node(id: $id) { __typename } family(id: $id) { name } }"
