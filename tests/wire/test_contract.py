"""What may never change: names and numbers of the original's messages, and the checksum."""

import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from qiki import wire
from qiki.wire.generated import (
    actuator_raw_out_pb2,
    bios_status_pb2,
    common_types_pb2,
    fsm_state_pb2,
    proposal_pb2,
    q_sim_api_pb2,
    sensor_raw_in_pb2,
)
from qiki.wire.generated.radar.v1 import radar_pb2

MESSAGES = {
    "qiki.common.UUID": "value=1",
    "qiki.common.Vector3": "x=1 y=2 z=3",
    "qiki.radar.v1.RadarDetection": "range_m=1 bearing_deg=2 elev_deg=3 vr_mps=4 snr_db=5 "
    "rcs_dbsm=6 transponder_on=7 transponder_mode=8 transponder_id=9 range_band=90 id_present=91",
    "qiki.radar.v1.RadarFrame": "schema_version=1 frame_id=2 sensor_id=3 timestamp=4 detections=5",
    "qiki.radar.v1.RadarTrack": "schema_version=1 track_id=2 object_type=3 iff=4 transponder_on=5 "
    "quality=6 range_m=7 bearing_deg=8 elev_deg=9 vr_mps=10 snr_db=11 rcs_dbsm=12 timestamp=13 "
    "transponder_mode=14 transponder_id=15 status=16 position=17 velocity=18 "
    "position_covariance=19 velocity_covariance=20 age_s=21 miss_count=22 iff_probability=23 "
    "identity_refuted_probability=24 identity_refuted=25 object_type_probability=26 "
    "identity_contested=27 range_band=90 id_present=91",
    "qiki.sensors.SensorReading": "sensor_id=1 sensor_type=2 timestamp=3 vector_data=4 "
    "scalar_data=5 unit=6 binary_data=7 is_valid=8 encoding=9 signal_strength=10 "
    "source_module=11 radar_data=12 radar_track=13",
    "qiki.actuators.ActuatorCommand": "actuator_id=1 timestamp=2 float_value=3 int_value=4 "
    "bool_value=5 unit=6 command_type=7 vector_value=8 confidence=9 command_id=10 timeout_ms=11 "
    "ack_required=12 retry_count=13 wrench_value=14",
    "qiki.actuators.Wrench": "force_x_n=1 force_y_n=2 force_z_n=3 torque_x_n_m=4 torque_y_n_m=5 "
    "torque_z_n_m=6",
    "qiki.api.GetSensorDataRequest": "sensor_type=1",
    "qiki.api.GetSensorDataResponse": "reading=1",
    "qiki.api.SendActuatorCommandRequest": "command=1",
    "qiki.api.SendActuatorCommandResponse": "accepted=1 message=2",
    "qiki.api.HealthCheckRequest": "",
    "qiki.api.HealthCheckResponse": "status=1 message=2 timestamp=3",
    "qiki.api.GetRadarFrameRequest": "",
    "qiki.api.GetRadarFrameResponse": "frame=1",
    "qiki.api.GetTelemetryRequest": "",
    "qiki.api.GetTelemetryResponse": "telemetry_json=1",
    "qiki.api.StreamSensorDataRequest": "sensor_type=1",
    "qiki.api.StreamSensorDataResponse": "reading=1 skipped=2",
    "qiki.api.StreamRadarFramesRequest": "",
    "qiki.api.StreamRadarFramesResponse": "frame=1 skipped=2",
    "qiki.api.StreamRadarTracksRequest": "",
    "qiki.api.StreamRadarTracksResponse": "tracks=1 skipped=2",
    "qiki.api.StreamTelemetryRequest": "",
    "qiki.api.StreamTelemetryResponse": "telemetry_json=1 skipped=2",
    "qiki.bios.DeviceStatus": "device_id=1 device_name=2 status=3 error_message=4 device_type=5 "
    "status_code=6",
    "qiki.bios.BiosStatusReport": "timestamp=1 firmware_version=2 post_results=3 all_systems_go=4 "
    "bios_uuid=5 health_score=6 last_checked=7 uptime_sec=8",
    "qiki.fsm.StateTransition": "timestamp=1 from_state=2 to_state=3 trigger_event=4 status=5 "
    "error_message=6",
    "qiki.fsm.FsmStateSnapshot": "snapshot_id=1 timestamp=2 current_state=3 history=4 "
    "context_data=5 fsm_instance_id=6 state_metadata=7 source_module=9 attempt_count=10",
    "qiki.mind.Proposal": "proposal_id=1 source_module_id=2 timestamp=3 proposed_actions=4 "
    "justification=5 priority=6 expected_duration=7 type=8 metadata=9 confidence=10 status=11 "
    "depends_on=12 conflicts_with=13 proposal_signature=14",
}
ENUMS = {
    "qiki.common.SensorType": "SENSOR_TYPE_UNSPECIFIED LIDAR IMU CAMERA GPS THERMAL RADAR",
    "qiki.common.ActuatorType": "ACTUATOR_TYPE_UNSPECIFIED WHEEL_MOTOR SERVO GRIPPER ARM",
    "qiki.common.Unit": "UNIT_UNSPECIFIED METERS DEGREES PERCENT VOLTS AMPS WATTS MILLISECONDS "
    "KELVIN BAR",
    "qiki.radar.v1.ObjectType": "OBJECT_TYPE_UNSPECIFIED DRONE SHIP STATION ASTEROID DEBRIS",
    "qiki.radar.v1.FriendFoe": "FRIEND_FOE_UNSPECIFIED FRIEND FOE UNKNOWN",
    "qiki.radar.v1.RadarRangeBand": "RR_UNSPECIFIED RR_LR RR_SR",
    "qiki.radar.v1.TransponderMode": "TRANSPONDER_MODE_OFF TRANSPONDER_MODE_ON "
    "TRANSPONDER_MODE_SILENT TRANSPONDER_MODE_SPOOF",
    "qiki.radar.v1.RadarTrackStatus": "RADAR_TRACK_STATUS_UNSPECIFIED RADAR_TRACK_STATUS_NEW "
    "RADAR_TRACK_STATUS_TRACKED RADAR_TRACK_STATUS_LOST RADAR_TRACK_STATUS_COASTING",
    "qiki.actuators.ActuatorCommand.CommandType": "COMMAND_TYPE_UNSPECIFIED SET_VELOCITY ROTATE "
    "ENABLE DISABLE SET_MODE SET_WRENCH",
    "qiki.bios.DeviceStatus.Status": "STATUS_UNSPECIFIED OK WARNING ERROR NOT_FOUND",
    "qiki.bios.DeviceStatus.DeviceType": "DEVICE_TYPE_UNSPECIFIED SENSOR ACTUATOR POWER_UNIT "
    "COMMUNICATION CONTROLLER",
    "qiki.bios.DeviceStatus.StatusCode": "STATUS_CODE_UNSPECIFIED COMPONENT_NOT_FOUND "
    "UNSTABLE_READINGS TIMEOUT_RESPONSE CRITICAL_BOOT_FAILURE",
    "qiki.fsm.FSMStateEnum": "FSM_STATE_UNSPECIFIED BOOTING IDLE ACTIVE ERROR_STATE SHUTDOWN",
    "qiki.fsm.FSMTransitionStatus": "FSM_TRANSITION_STATUS_UNSPECIFIED SUCCESS FAILED PENDING",
    "qiki.mind.Proposal.ProposalType": "PROPOSAL_TYPE_UNSPECIFIED SAFETY PLANNING DIAGNOSTICS "
    "EXPLORATION",
    "qiki.mind.Proposal.ProposalStatus": "PROPOSAL_STATUS_UNSPECIFIED PENDING ACCEPTED REJECTED "
    "EXECUTED EXPIRED",
}
MODULES = (
    common_types_pb2,
    radar_pb2,
    sensor_raw_in_pb2,
    actuator_raw_out_pb2,
    q_sim_api_pb2,
    bios_status_pb2,
    fsm_state_pb2,
    proposal_pb2,
)
POOL = descriptor_pool.Default()


@pytest.mark.parametrize("name", MESSAGES)
def test_fields_keep_their_numbers(name):
    fields = POOL.FindMessageTypeByName(name).fields
    assert (
        " ".join(f"{field.name}={field.number}" for field in sorted_by_number(fields))
        == (MESSAGES[name])
    )


@pytest.mark.parametrize("name", ENUMS)
def test_enum_values_keep_their_numbers(name):
    values = POOL.FindEnumTypeByName(name).values
    assert [value.number for value in values] == list(range(len(values)))
    assert " ".join(value.name for value in values) == ENUMS[name]


def test_no_message_is_missing_here():
    messages = {
        message.full_name
        for m in MODULES
        for message in m.DESCRIPTOR.message_types_by_name.values()
    }
    enums = {enum.full_name for m in MODULES for enum in m.DESCRIPTOR.enum_types_by_name.values()}
    assert messages == set(MESSAGES)
    assert enums <= set(ENUMS)


def test_the_service_keeps_its_methods():
    service = POOL.FindServiceByName("qiki.api.QSimAPIService")
    signature = [
        (m.name, m.input_type.name, m.output_type.name, m.client_streaming, m.server_streaming)
        for m in service.methods
    ]
    original = ("GetSensorData", "SendActuatorCommand", "HealthCheck", "GetRadarFrame")
    single = (*original, "GetTelemetry")
    streams = ("StreamSensorData", "StreamRadarFrames", "StreamRadarTracks", "StreamTelemetry")
    assert signature == [
        (name, f"{name}Request", f"{name}Response", False, name in streams)
        for name in (*single, *streams)
    ]


def test_marking_a_field_optional_changes_no_byte_of_a_value():
    """The original's messages, without the mark, read and write the same bytes."""
    pool = descriptor_pool.DescriptorPool()
    for module in (None, common_types_pb2, radar_pb2):
        name = module.DESCRIPTOR.name if module else "google/protobuf/timestamp.proto"
        pool.Add(
            without_marks(FileDescriptorProto.FromString(POOL.FindFileByName(name).serialized_pb))
        )
    plain = message_factory.GetMessageClass(pool.FindMessageTypeByName("qiki.radar.v1.RadarTrack"))
    ours = radar_pb2.RadarTrack(schema_version=1, snr_db=3.5, rcs_dbsm=-1.0, range_m=7.0)
    theirs = plain.FromString(ours.SerializeToString())
    assert (theirs.snr_db, theirs.rcs_dbsm) == (3.5, -1.0)
    assert theirs.SerializeToString(deterministic=True) == ours.SerializeToString(
        deterministic=True
    )


def without_marks(file: FileDescriptorProto) -> FileDescriptorProto:
    for message in file.message_type:
        for field in message.field:
            if field.proto3_optional and field.name != "id_present":
                field.ClearField("proto3_optional")
                field.ClearField("oneof_index")
        kept = [field for field in message.field if field.HasField("oneof_index")]
        names = [message.oneof_decl[field.oneof_index].name for field in kept]
        del message.oneof_decl[:]
        for index, (field, name) in enumerate(zip(kept, names, strict=True)):
            field.oneof_index = index
            message.oneof_decl.add(name=name)
    return file


def sorted_by_number(fields):
    return sorted(fields, key=lambda field: field.number)


@pytest.mark.parametrize("payload", [b"", b"123456789", bytes(range(256)) * 5])
def test_the_checksum_is_crc_32c(payload):
    """Castagnoli's polynomial, reflected, bit by bit."""
    remainder = 0xFFFF_FFFF
    for byte in payload:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F6_3B78 if remainder & 1 else 0)
    assert wire.crc32c(payload) == remainder ^ 0xFFFF_FFFF
