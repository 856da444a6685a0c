## Home
home-title-mine = 지금 할 일
home-title-all = 지금 살펴볼 일
home-aside = 요약과 바로 가기
home-begin = 시작하기
home-empty = 카탈로그가 비어 있어요
home-empty-next = 서비스를 설명하는 파일이 있는 곳을 알려 주세요.
home-queue-mine = 나를 기다리는 일
home-queue-all = 누군가를 기다리는 일
home-queue-none = 기다리는 일이 없어요
home-queue-none-next = 오류와 충돌, 보류한 삭제가 없고 모든 소스를 읽고 있어요.
home-name = 이름
home-status = 상태
home-type = 유형
home-tier = 티어
home-lifecycle = 수명 주기
home-owner = 소유자
home-changed = 최근 변경
home-changes = 최근 변경
home-changes-none = 최근에 바뀐 것이 없어요
home-changes-none-next = 새로 생기거나 바뀌거나 없어진 엔티티와 그 내용이 여기에 나와요.
home-starred = 별표한 것
home-starred-none = 별표한 것이 없어요
home-starred-none-next = 페이지에서 별표를 누르면 여기서 바로 갈 수 있어요.
home-recent = 최근에 연 것
home-kinds = 카탈로그
home-all = 모두 보기
home-sources = 소스
home-sources-none = 소스가 없어요
home-sources-fine = 모두 오류 없이 읽고 있어요
home-sources-need = { $count }개를 확인해야 해요

## Shell
shell-settings = 설정
